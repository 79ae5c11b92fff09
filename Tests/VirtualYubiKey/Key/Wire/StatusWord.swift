/// The two bytes that end every answer of a card (ISO/IEC 7816-4 §5.1.3), which the applet's code throws where it refuses.
public struct StatusWord: Error, Hashable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    /// Both bytes as a number, the first the higher.
    public var value: UInt16

    /// A status word by its number.
    public init(_ value: UInt16) { self.value = value }
    /// A status word by its number.
    public init(integerLiteral value: UInt16) { self.value = value }

    /// 9000.
    public static let success: StatusWord = 0x9000
    /// 6700.
    public static let wrongLength: StatusWord = 0x6700
    /// 6883: a chain of commands that does not fit together.
    public static let chainBroken: StatusWord = 0x6883
    /// 6982: no PIN, no management key, or no touch.
    public static let notAuthenticated: StatusWord = 0x6982
    /// 6983: no tries left.
    public static let blocked: StatusWord = 0x6983
    /// 6985.
    public static let conditionsNotMet: StatusWord = 0x6985
    /// 6A80.
    public static let wrongData: StatusWord = 0x6A80
    /// 6A82: no such object or application.
    public static let notFound: StatusWord = 0x6A82
    /// 6A84.
    public static let full: StatusWord = 0x6A84
    /// 6A88: no such key, PIN or slot content.
    public static let referenceNotFound: StatusWord = 0x6A88
    /// 6B00: P1 and P2 name nothing that there is.
    public static let wrongParameters: StatusWord = 0x6B00
    /// 6D00.
    public static let unknownInstruction: StatusWord = 0x6D00
    /// 6F00: what ought not to happen.
    public static let failure: StatusWord = 0x6F00

    /// A wrong PIN: 63Cx, whose last digit cannot say more than 15.
    public static func wrongPIN(triesLeft: Int) -> StatusWord { StatusWord(0x63C0 | UInt16(min(triesLeft, 15))) }

    /// The two bytes as they are sent.
    var bytes: [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

    /// Four hexadecimal digits.
    public var description: String { [value >> 8, value & 0xFF].map { UInt8($0).hexadecimal }.joined() }
}

extension UInt8 {
    /// Two hexadecimal digits.
    var hexadecimal: String {
        let digits = String(self, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }
}
