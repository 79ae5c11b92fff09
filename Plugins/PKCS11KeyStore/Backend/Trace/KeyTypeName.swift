import CP11Kit

/// The standard's names for the types of keys that tokens commonly hold.
enum KeyTypeName {
    /// The name, or the number of what a vendor or a later standard defines.
    static func of(_ value: CK_KEY_TYPE) -> String {
        names[value].map { "CKK_" + $0 } ?? "0x" + String(value, radix: 16)
    }

    private static let names: [CK_KEY_TYPE: String] = [
        0x0: "RSA", 0x1: "DSA", 0x2: "DH", 0x3: "EC", 0x10: "GENERIC_SECRET", 0x13: "DES", 0x14: "DES2", 0x15: "DES3",
        0x1F: "AES", 0x40: "EC_EDWARDS", 0x41: "EC_MONTGOMERY",
    ]
}
