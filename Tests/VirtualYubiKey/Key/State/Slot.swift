/// A place for a key, by the applet's number.
public struct Slot: Hashable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    /// The number: 9A, for one.
    public let number: UInt8

    /// A slot by its number; nil if there is none such.
    public init?(number: UInt8) {
        switch number {
        case 0x9A, 0x9C, 0x9D, 0x9E, 0xF9, 0x82...0x95: self.number = number
        default: return nil
        }
    }

    /// A slot by a number that there is.
    public init(integerLiteral number: UInt8) { self.init(number: number)! }

    /// 9A, whose PIN is asked for once.
    public static let authentication: Slot = 0x9A
    /// 9C, whose PIN is asked for each time.
    public static let signature: Slot = 0x9C
    /// 9D.
    public static let keyManagement: Slot = 0x9D
    /// 9E, which needs no PIN.
    public static let cardAuthentication: Slot = 0x9E
    /// F9, whose key signs attestations.
    public static let attestation: Slot = 0xF9

    /// The number of the object that holds the slot's certificate.
    public var certificateObject: UInt32 {
        switch number {
        case 0x9A: 0x5FC105
        case 0x9C: 0x5FC10A
        case 0x9D: 0x5FC10B
        case 0x9E: 0x5FC101
        case 0xF9: 0x5FFF01
        default: 0x5FC10D + UInt32(number - 0x82)
        }
    }

    var defaultPINPolicy: PINPolicy {
        switch self {
        case .signature: .always
        case .cardAuthentication: .never
        default: .once
        }
    }

    /// Two hexadecimal digits, in small letters as users write them.
    public var description: String { number.hexadecimal.lowercased() }
}
