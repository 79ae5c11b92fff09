/// The two bytes at the end of each answer (ISO 7816-4 §5.1.3).
struct StatusWord: RawRepresentable, Hashable {
    let rawValue: UInt16

    static let success = StatusWord(rawValue: 0x9000)
    static let wrongLength = StatusWord(rawValue: 0x6700)
    static let chainBroken = StatusWord(rawValue: 0x6883)
    static let notAuthenticated = StatusWord(rawValue: 0x6982)
    static let blocked = StatusWord(rawValue: 0x6983)
    static let conditionsNotMet = StatusWord(rawValue: 0x6985)
    static let wrongData = StatusWord(rawValue: 0x6A80)
    static let notFound = StatusWord(rawValue: 0x6A82)
    static let full = StatusWord(rawValue: 0x6A84)
    static let noSuchReference = StatusWord(rawValue: 0x6A88)
    static let wrongParameters = StatusWord(rawValue: 0x6B00)
    static let noSuchInstruction = StatusWord(rawValue: 0x6D00)

    /// Whether more of the answer is to be fetched.
    var hasMore: Bool { rawValue >> 8 == 0x61 }
    /// How much more; 0 for 256 bytes or more.
    var moreLength: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

    /// How many tries are left after a wrong PIN or PUK (63Cx); 15 stands for 15 or more. A blocked one has none.
    var triesLeft: Int? {
        if self == .blocked { return 0 }
        return rawValue & 0xFFF0 == 0x63C0 ? Int(rawValue & 0xF) : nil
    }

    /// What it says, in one word; empty where that is not known here.
    var name: String {
        switch self {
        case .success: "SUCCESS"
        case .wrongLength: "WRONG_LENGTH"
        case .chainBroken: "LAST_COMMAND_EXPECTED"
        case .notAuthenticated: "SECURITY_STATUS_NOT_SATISFIED"
        case .blocked: "AUTHENTICATION_METHOD_BLOCKED"
        case .conditionsNotMet: "CONDITIONS_OF_USE_NOT_SATISFIED"
        case .wrongData: "INCORRECT_DATA"
        case .notFound: "FILE_NOT_FOUND"
        case .full: "NOT_ENOUGH_MEMORY"
        case .noSuchReference: "REFERENCE_NOT_FOUND"
        case .wrongParameters: "INCORRECT_PARAMETERS"
        case .noSuchInstruction: "INSTRUCTION_NOT_SUPPORTED"
        default: rawValue & 0xFFF0 == 0x63C0 ? "VERIFICATION_FAILED" : ""
        }
    }
}

extension StatusWord: CustomStringConvertible {
    /// Four hexadecimal digits.
    var description: String { Hex.byte(UInt8(rawValue >> 8)) + Hex.byte(UInt8(truncatingIfNeeded: rawValue)) }
}
