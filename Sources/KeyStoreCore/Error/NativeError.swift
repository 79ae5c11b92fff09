/// What a module, a library or the system reported, unchanged.
public struct NativeError: Hashable, Sendable, CustomStringConvertible {
    /// Whose numbers these are: "PKCS#11", "errno", "OpenSSL".
    public var domain: String
    /// The function that failed: "C_Login".
    public var function: String
    /// The number's name: "CKR_PIN_INCORRECT". Empty where it has none.
    public var name: String
    /// The number.
    public var number: Int64

    /// Makes a record of a native failure.
    public init(domain: String, function: String, name: String, number: Int64) {
        self.domain = domain
        self.function = function
        self.name = name
        self.number = number
    }

    /// "PKCS#11 C_Login: CKR_PIN_INCORRECT (0xa0)".
    public var description: String {
        "\(domain) \(function): \(name.isEmpty ? "" : "\(name) ")(0x\(String(number, radix: 16)))"
    }
}
