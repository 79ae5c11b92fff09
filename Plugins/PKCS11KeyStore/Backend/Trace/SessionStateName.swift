import CP11Kit

/// The standard's names for states of a session.
enum SessionStateName {
    /// The name, or the number of what a vendor or a later standard defines.
    static func of(_ value: CK_STATE) -> String {
        names[value].map { "CKS_" + $0 } ?? "0x" + String(value, radix: 16)
    }

    private static let names: [CK_STATE: String] = [
        0x0: "RO_PUBLIC_SESSION", 0x1: "RO_USER_FUNCTIONS", 0x2: "RW_PUBLIC_SESSION", 0x3: "RW_USER_FUNCTIONS",
        0x4: "RW_SO_FUNCTIONS",
    ]
}
