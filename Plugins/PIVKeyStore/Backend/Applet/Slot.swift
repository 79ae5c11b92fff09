/// A place for one key and its certificate (NIST SP 800-73-4 part 1 §3, and Yubico's F9).
struct Slot: Hashable {
    /// The key reference: 9A, 9C, 9D, 9E, 82 to 95, F9.
    let number: UInt8

    init?(number: UInt8) {
        guard Self.isSlot(number) else { return nil }
        self.number = number
    }

    private init(_ number: UInt8) { self.number = number }

    static let authentication = Slot(0x9A)
    static let signature = Slot(0x9C)
    static let keyManagement = Slot(0x9D)
    static let cardAuthentication = Slot(0x9E)
    static let attestation = Slot(0xF9)
    /// The retired key management slots, 1 to 20.
    static let retired = (UInt8(0x82)...0x95).map { Slot($0) }

    /// Every slot that users make keys in, in the order of ykcs11's ids.
    static let users: [Slot] = [.authentication, .signature, .keyManagement, .cardAuthentication] + retired
    /// Every slot.
    static let all: [Slot] = users + [.attestation]

    private static func isSlot(_ number: UInt8) -> Bool {
        switch number {
        case 0x9A, 0x9C, 0x9D, 0x9E, 0x82...0x95, 0xF9: true
        default: false
        }
    }

    /// Two hexadecimal digits, as every tool writes slots.
    var text: String { Hex.byte(number) }

    /// Which of the retired slots this is, from 1.
    var retiredNumber: Int? { (0x82...0x95).contains(number) ? Int(number) - 0x81 : nil }

    /// The name, as a reference may have it.
    var name: String {
        switch self {
        case .authentication: "authentication"
        case .signature: "signature"
        case .keyManagement: "key-management"
        case .cardAuthentication: "card-authentication"
        case .attestation: "attestation"
        default: "retired\(retiredNumber ?? 0)"
        }
    }

    /// Reads two hexadecimal digits or a name.
    init?(_ text: String) {
        let lower = text.lowercased()
        if let slot = Self.all.first(where: { $0.name == lower || $0.text == lower }) {
            self = slot
        } else {
            return nil
        }
    }

    /// The data object of the slot's certificate (SP 800-73-4 part 1, table 3).
    var certificateObject: DataObject {
        switch self {
        case .authentication: DataObject(0x5FC105)
        case .signature: DataObject(0x5FC10A)
        case .keyManagement: DataObject(0x5FC10B)
        case .cardAuthentication: DataObject(0x5FC101)
        case .attestation: DataObject(0x5FFF01)
        default: DataObject(0x5FC10C + UInt32(retiredNumber ?? 0))
        }
    }
}
