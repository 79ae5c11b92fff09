/// What pcscd's functions return (pcsclite.h). Written out, because Swift does not import macros with a cast in them.
struct PCSCResult: RawRepresentable, Hashable {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Of a function's result, which has the number in a wider type.
    init(_ result: Int) { rawValue = UInt32(truncatingIfNeeded: result) }

    static let success = PCSCResult(rawValue: 0)
    static let cancelled = PCSCResult(rawValue: 0x8010_0002)
    static let invalidHandle = PCSCResult(rawValue: 0x8010_0003)
    static let insufficientBuffer = PCSCResult(rawValue: 0x8010_0008)
    static let unknownReader = PCSCResult(rawValue: 0x8010_0009)
    static let timeout = PCSCResult(rawValue: 0x8010_000A)
    static let sharingViolation = PCSCResult(rawValue: 0x8010_000B)
    static let noSmartCard = PCSCResult(rawValue: 0x8010_000C)
    static let protocolMismatch = PCSCResult(rawValue: 0x8010_000F)
    static let notReady = PCSCResult(rawValue: 0x8010_0010)
    static let communicationError = PCSCResult(rawValue: 0x8010_0013)
    static let notTransacted = PCSCResult(rawValue: 0x8010_0016)
    static let readerUnavailable = PCSCResult(rawValue: 0x8010_0017)
    static let noService = PCSCResult(rawValue: 0x8010_001D)
    static let serviceStopped = PCSCResult(rawValue: 0x8010_001E)
    static let noReadersAvailable = PCSCResult(rawValue: 0x8010_002E)
    static let communicationDataLost = PCSCResult(rawValue: 0x8010_002F)
    static let unresponsiveCard = PCSCResult(rawValue: 0x8010_0066)
    static let unpoweredCard = PCSCResult(rawValue: 0x8010_0067)
    static let resetCard = PCSCResult(rawValue: 0x8010_0068)
    static let removedCard = PCSCResult(rawValue: 0x8010_0069)
    static let securityViolation = PCSCResult(rawValue: 0x8010_006A)

    /// The number's name in pcsclite.h; empty for one that stands for nothing here.
    var name: String { Self.names[self] ?? "" }

    private static let names: [PCSCResult: String] = [
        .success: "SCARD_S_SUCCESS", .cancelled: "SCARD_E_CANCELLED", .invalidHandle: "SCARD_E_INVALID_HANDLE",
        .insufficientBuffer: "SCARD_E_INSUFFICIENT_BUFFER", .unknownReader: "SCARD_E_UNKNOWN_READER",
        .timeout: "SCARD_E_TIMEOUT", .sharingViolation: "SCARD_E_SHARING_VIOLATION",
        .noSmartCard: "SCARD_E_NO_SMARTCARD", .protocolMismatch: "SCARD_E_PROTO_MISMATCH",
        .notReady: "SCARD_E_NOT_READY", .communicationError: "SCARD_F_COMM_ERROR",
        .notTransacted: "SCARD_E_NOT_TRANSACTED", .readerUnavailable: "SCARD_E_READER_UNAVAILABLE",
        .noService: "SCARD_E_NO_SERVICE", .serviceStopped: "SCARD_E_SERVICE_STOPPED",
        .noReadersAvailable: "SCARD_E_NO_READERS_AVAILABLE", .communicationDataLost: "SCARD_E_COMM_DATA_LOST",
        .unresponsiveCard: "SCARD_W_UNRESPONSIVE_CARD", .unpoweredCard: "SCARD_W_UNPOWERED_CARD",
        .resetCard: "SCARD_W_RESET_CARD", .removedCard: "SCARD_W_REMOVED_CARD",
        .securityViolation: "SCARD_W_SECURITY_VIOLATION",
    ]
}
