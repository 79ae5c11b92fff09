import CP11Kit

/// The standard's names for who logs in.
enum UserTypeName {
    /// The name, or the number of what a vendor or a later standard defines.
    static func of(_ value: CK_USER_TYPE) -> String {
        names[value].map { "CKU_" + $0 } ?? "0x" + String(value, radix: 16)
    }

    private static let names: [CK_USER_TYPE: String] = [
        0x0: "SO", 0x1: "USER", 0x2: "CONTEXT_SPECIFIC",
    ]
}
