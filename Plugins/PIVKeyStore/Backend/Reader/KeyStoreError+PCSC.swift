import Glibc
import KeyStoreCore

extension KeyStoreError {
    /// The domain of pcscd's numbers.
    static let pcscDomain = "PC/SC"

    /// The error for what one of pcscd's functions returned.
    static func pcsc(_ result: PCSCResult, _ function: StaticString, during operation: String) -> KeyStoreError {
        let (code, message) = meaning(of: result)
        return KeyStoreError(
            code, message, operation: operation,
            native: NativeError(
                domain: pcscDomain, function: "\(function)", name: result.name, number: Int64(result.rawValue)))
    }

    /// What pcscd returned, where that is what the error is about.
    var pcscResult: PCSCResult? {
        guard let native, native.domain == Self.pcscDomain else { return nil }
        return PCSCResult(rawValue: UInt32(truncatingIfNeeded: native.number))
    }

    private static func meaning(of result: PCSCResult) -> (Code, String) {
        switch result {
        case .noService where socketIsForbidden, .securityViolation:
            (
                .policyRefused,
                "this user may not use pcscd, the smart card daemon; its rules (polkit, file modes) forbid it"
            )
        case .noService, .serviceStopped:
            (.backendFailure, "pcscd, the smart card daemon, is not running; install and start it")
        case .noReadersAvailable: (.noSuchToken, "there is no smart card reader and no YubiKey")
        case .sharingViolation: (.busy, "another program has the card for itself")
        case .resetCard: (.busy, "another program has reset the card")
        case .removedCard, .noSmartCard, .readerUnavailable, .unknownReader:
            (.tokenRemoved, "the card is not there any more")
        case .notTransacted, .communicationError, .communicationDataLost, .invalidHandle:
            (.tokenRemoved, "the connection to the card broke off")
        case .unresponsiveCard, .unpoweredCard, .notReady:
            (.backendFailure, "the card in the reader does not answer; take it out and put it in again")
        case .protocolMismatch: (.busy, "another program uses the card with another protocol")
        case .timeout: (.timedOut, "the card reader did not answer in time")
        case .cancelled: (.cancelled, "the waiting was given up")
        default: (.backendFailure, "pcscd failed")
        }
    }

    /// Whether the daemon's socket is there and this user may not write to it. The client library tells that by the same
    /// number as a missing daemon.
    private static var socketIsForbidden: Bool {
        let path = getenv("PCSCLITE_CSOCK_NAME").map { String(cString: $0) } ?? "/run/pcscd/pcscd.comm"
        return access(path, W_OK) != 0 && errno == EACCES
    }
}
