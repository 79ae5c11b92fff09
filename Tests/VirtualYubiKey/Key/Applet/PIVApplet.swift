internal import Foundation

/// The PIV application of a YubiKey: NIST SP 800-73-4 part 2, and Yubico's instructions.
final class PIVApplet {
    static let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00]
    /// The application's name and its authority (SP 800-73-4 part 2, table 3), as a YubiKey writes them.
    static let selectionAnswer: [UInt8] = [
        0x61, 0x11, 0x4F, 0x06, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x79, 0x07, 0x4F, 0x05, 0xA0, 0x00, 0x00, 0x03,
        0x08,
    ]

    /// What is kept without power. Changes are saved before the command is answered.
    var state: CardState {
        didSet { hasChanged = true }
    }
    var session = PIVSession()
    unowned let surroundings: any CardSurroundings
    /// Keys that were read from the state, by slot.
    private var keys: [UInt8: SoftwareKey] = [:]
    private var hasChanged = false

    init(_ state: CardState, _ surroundings: any CardSurroundings) {
        self.state = state
        self.surroundings = surroundings
    }

    /// Forgets who has authenticated.
    func deselect() { session = PIVSession() }

    /// Writes the state if it has changed.
    func saveChanges() {
        guard hasChanged else { return }
        surroundings.save(state)
        hasChanged = false
    }

    func execute(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        // For keys that need the PIN right before each use.
        let wasJustVerified = session.isPINJustVerified
        session.isPINJustVerified = false
        defer { saveChanges() }
        switch command.ins {
        case 0x20: return try verify(command)
        case 0x24: return try changeReference(command)
        case 0x2C: return try resetRetryCounter(command)
        case 0x47: return try generate(command)
        case 0x87 where command.p2 == 0x9B: return try authenticateManagement(command)
        case 0x87: return try authenticate(command, isPINJustVerified: wasJustVerified)
        case 0xCB: return try getData(command)
        case 0xDB: return try putData(command)
        case 0xF6 where state.firmware >= FirmwareVersion(5, 7, 0): return try moveKey(command)
        case 0xF7 where state.firmware >= FirmwareVersion(5, 3, 0): return try metadata(command)
        case 0xF8 where state.firmware >= FirmwareVersion(5, 0, 0): return state.serialBytes
        case 0xF9: return try attest(command)
        case 0xFA: return try setRetries(command)
        case 0xFB: return try reset()
        case 0xFD: return state.firmware.bytes
        case 0xFE: return try importKey(command)
        case 0xFF: return try setManagementKey(command)
        default: throw .unknownInstruction
        }
    }

    func requireManagement() throws(StatusWord) {
        guard session.isManagementAuthenticated else { throw .notAuthenticated }
    }

    // MARK: Keys

    /// The slot that a parameter names.
    func slot(_ number: UInt8) throws(StatusWord) -> Slot {
        guard let slot = Slot(number: number) else { throw .wrongParameters }
        return slot
    }

    /// The key in a slot, with its policies; nil for an empty slot. The attestation key is made when it is first asked for.
    func key(in slot: Slot) throws(StatusWord) -> (key: SoftwareKey, stored: CardState.StoredKey)? {
        if slot == .attestation { try makeAttestationKey() }
        guard let stored = state.keys[slot.number] else { return nil }
        if let key = keys[slot.number] { return (key, stored) }
        let key = try SoftwareKey(pkcs8: Array(stored.pkcs8))
        keys[slot.number] = key
        return (key, stored)
    }

    func store(
        _ key: SoftwareKey, in slot: Slot, _ pinPolicy: PINPolicy, _ touchPolicy: TouchPolicy, isImported: Bool
    ) {
        keys[slot.number] = key
        state.keys[slot.number] = CardState.StoredKey(
            pkcs8: Data(key.pkcs8), pinPolicy: pinPolicy, touchPolicy: touchPolicy, isImported: isImported)
    }

    func removeKey(in slot: Slot) -> CardState.StoredKey? {
        keys[slot.number] = nil
        return state.keys.removeValue(forKey: slot.number)
    }

    /// Forgets the keys that were read, after the state was changed as a whole.
    func forgetKeys() { keys = [:] }

    /// Makes the key that a real one has from the factory, unless somebody put another there or took it away.
    func makeAttestationKey() throws(StatusWord) {
        guard state.rootCertificate == nil else { return }
        let made = try surroundings.root.issueAttestationKey(firmware: state.firmware)
        state.rootCertificate = Data(made.rootCertificateDER)
        if state.keys[Slot.attestation.number] == nil {
            store(made.key, in: .attestation, .once, .never, isImported: false)
        }
        if state.objects[Slot.attestation.certificateObject] == nil {
            state.objects[Slot.attestation.certificateObject] = Data(CertificateObject.encode(made.certificateDER))
        }
    }
}
