import KeyStoreCore

/// What a failure of pcscd's says about the connection to the card.
enum CardLoss {
    /// Another program has reset the card: it is there, and has forgotten everything.
    case reset
    /// The card, the reader or the daemon is gone, or was.
    case gone

    /// Nil for a failure that has other reasons.
    init?(_ error: KeyStoreError) {
        switch error.pcscResult {
        case .resetCard?: self = .reset
        case .removedCard?, .noSmartCard?, .readerUnavailable?, .unknownReader?, .notTransacted?, .communicationError?,
            .communicationDataLost?, .invalidHandle?, .serviceStopped?, .noService?, .unpoweredCard?,
            .unresponsiveCard?, .notReady?:
            self = .gone
        default: return nil
        }
    }
}
