/// What a bundle says in words beside its certificates, for people and programs that read no certificates.
///
/// Nothing of it is believed. Whoever verifies compares it with the certificates, and a contradiction is an error; what is
/// nil is not stated, and contradicts nothing.
public struct StatedAttestation: Hashable, Sendable {
    /// The slot of the key.
    public var slot: String?
    /// The device's serial number.
    public var serial: UInt64?
    /// The device's firmware.
    public var firmware: String?
    /// What the device looks like.
    public var formFactor: String?
    /// How often the key asks for its PIN.
    public var pinPolicy: String?
    /// How often the key asks to be touched.
    public var touchPolicy: String?
    /// SHA-256 of the key's SubjectPublicKeyInfo in hexadecimal digits.
    public var publicKeySHA256: String?

    init() {}

    /// What the statement of an attestation certificate amounts to.
    public init(_ statement: AttestationStatement) {
        slot = statement.slot
        serial = statement.serial
        firmware = statement.firmware.description
        formFactor = statement.formFactor?.description
        pinPolicy = statement.pinPolicy.description
        touchPolicy = statement.touchPolicy.description
        publicKeySHA256 = Hexadecimal.encode(statement.publicKeyFingerprint)
    }

    /// The name of the first field that is stated and is not what the statement says; nil if all agree.
    func contradiction(to statement: AttestationStatement) -> String? {
        let truth = StatedAttestation(statement)
        func differs<Value: Equatable>(_ field: KeyPath<StatedAttestation, Value?>) -> Bool {
            self[keyPath: field] != nil && self[keyPath: field] != truth[keyPath: field]
        }
        if differs(\.slot) { return "slot" }
        if differs(\.serial) { return "serial" }
        if differs(\.firmware) { return "firmware" }
        if differs(\.formFactor) { return "formFactor" }
        if differs(\.pinPolicy) { return "pinPolicy" }
        if differs(\.touchPolicy) { return "touchPolicy" }
        if differs(\.publicKeySHA256) { return "publicKeySHA256" }
        return nil
    }
}
