public import KeyStoreCore

/// What an attestation must prove beside that a device made it. Nothing, unless said.
public struct AttestationRequirements: Sendable {
    /// The key that must have been attested.
    public var publicKey: PublicKey?
    /// How often the key must ask for its PIN, at least.
    public var pinPolicy: PINPolicy?
    /// How often the key must ask to be touched, at least.
    public var touchPolicy: TouchPolicy?
    /// The serial number of the device.
    public var serial: UInt64?
    /// The oldest firmware that will do.
    public var minimumFirmware: FirmwareVersion?

    /// Makes requirements.
    public init(
        publicKey: PublicKey? = nil, pinPolicy: PINPolicy? = nil, touchPolicy: TouchPolicy? = nil,
        serial: UInt64? = nil, minimumFirmware: FirmwareVersion? = nil
    ) {
        self.publicKey = publicKey
        self.pinPolicy = pinPolicy
        self.touchPolicy = touchPolicy
        self.serial = serial
        self.minimumFirmware = minimumFirmware
    }

    /// Throws the code of the first requirement that a statement does not meet.
    func check(_ statement: AttestationStatement) throws(AttestationError) {
        if let publicKey, publicKey != statement.publicKey {
            throw AttestationError(
                .otherKey, "the attestation is for another key, \(Hexadecimal.encode(statement.publicKeyFingerprint))",
                hint: "Attest to the key again, or look at which certificate belongs to it.")
        }
        if let serial, serial != statement.serial {
            throw AttestationError(
                .otherDevice,
                statement.serial.map { "the key is in the device \($0), not in \(serial)" }
                    ?? "the device does not say its serial number, which was to be \(serial)")
        }
        if let minimumFirmware, statement.firmware < minimumFirmware {
            throw AttestationError(
                .firmwareTooOld, "the device's firmware is \(statement.firmware), older than \(minimumFirmware)")
        }
        if let pinPolicy, !statement.pinPolicy.isAtLeast(pinPolicy) {
            throw AttestationError(
                .pinPolicyTooWeak, "the key's PIN policy is '\(statement.pinPolicy)', weaker than '\(pinPolicy)'",
                hint: "A key keeps its policy for life: make another one.")
        }
        if let touchPolicy, !statement.touchPolicy.isAtLeast(touchPolicy) {
            throw AttestationError(
                .touchPolicyTooWeak,
                "the key's touch policy is '\(statement.touchPolicy)', weaker than '\(touchPolicy)'",
                hint: "A key keeps its policy for life: make another one.")
        }
    }
}
