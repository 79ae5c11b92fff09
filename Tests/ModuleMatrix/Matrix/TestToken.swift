public import KeyStoreCore

/// A token that a bring-up has made, and how references name it and its module.
public struct TestToken: Sendable {
    /// The path attributes that select it.
    public var path = "token=\(Self.label)"
    /// The query attributes that select its module: `module-path=…` or `module-name=…`.
    public var query: String
    /// Its user PIN.
    public var pin = Self.pin
    /// A PIN that it rejects.
    public var wrongPIN = "000000"
    /// The path attributes that select the key with a label.
    public var attributes: @Sendable (_ label: String) -> String = { "object=\($0)" }

    /// The label of every token that is made.
    public static let label = "matrix"
    /// The user PIN, where the module takes one of six digits.
    public static let pin = "123456"
    /// The security officer's PIN, likewise.
    public static let securityOfficerPIN = "654321"

    /// A token in the module at the path.
    init(modulePath: String) { query = "module-path=\(modulePath)" }

    /// A token in the module that p11-kit knows by the name.
    init(moduleName: String) { query = "module-name=\(moduleName)" }

    /// A reference to the token, or with more path attributes to an object on it.
    public func uri(_ attributes: String = "") throws -> KeyStoreURI {
        try KeyStoreURI("pkcs11:\(path)\(attributes.isEmpty ? "" : ";\(attributes)")?\(query)")
    }
}
