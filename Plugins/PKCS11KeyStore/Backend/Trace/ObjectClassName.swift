import CP11Kit

/// The standard's names for classes of objects.
enum ObjectClassName {
    /// The name, or the number of what a vendor or a later standard defines.
    static func of(_ value: CK_OBJECT_CLASS) -> String {
        names[value].map { "CKO_" + $0 } ?? "0x" + String(value, radix: 16)
    }

    private static let names: [CK_OBJECT_CLASS: String] = [
        0x0: "DATA", 0x1: "CERTIFICATE", 0x2: "PUBLIC_KEY", 0x3: "PRIVATE_KEY", 0x4: "SECRET_KEY", 0x5: "HW_FEATURE",
        0x6: "DOMAIN_PARAMETERS", 0x7: "MECHANISM", 0x8: "OTP_KEY",
    ]
}
