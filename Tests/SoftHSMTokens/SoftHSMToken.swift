/// A token in SoftHSM that a test has for itself while it keeps a copy of this.
public struct SoftHSMToken: Sendable {
    /// The token's label.
    public let label: String
    /// Its serial number, 16 characters.
    public let serial: String
    /// The user PIN.
    public let pin: String
    /// Its slot's number in this process. Others number it anew when they start: select by label or serial number there.
    public let slot: UInt
    private let lease: Lease

    init(label: String, serial: String, pin: String, slot: UInt, whenUnused: @escaping @Sendable () -> Void) {
        self.label = label
        self.serial = serial
        self.pin = pin
        self.slot = slot
        lease = Lease(whenUnused)
    }

    /// The module's file.
    public var modulePath: String { SoftHSM.modulePath }

    /// Selects this token, with the module's path and without a PIN. Add `;object=…` or `;id=…` by `uri(_:)`.
    public var uri: String { uri("") }

    /// The token's reference with more path attributes: `uri("object=key;id=%01")`.
    public func uri(_ attributes: String) -> String {
        "pkcs11:serial=\(serial)\(attributes.isEmpty ? "" : ";\(attributes)")?module-path=\(modulePath)"
    }

    /// Gives the slot back when the last copy is gone.
    private final class Lease: Sendable {
        private let end: @Sendable () -> Void
        init(_ end: @escaping @Sendable () -> Void) { self.end = end }
        deinit { end() }
    }
}
