import KeyStoreCore

extension KeyStoreError {
    /// The domain of the card's numbers.
    static let statusDomain = "PIV SW"

    /// The error for a command that the card refused, with the meaning that the number has for most of them.
    static func card(
        _ status: StatusWord, _ instruction: Instruction, during operation: String
    ) -> KeyStoreError {
        let (code, message) = meaning(of: status)
        return card(status, instruction, code, message, during: operation)
    }

    /// The error for a command that the card refused.
    static func card(
        _ status: StatusWord, _ instruction: Instruction, _ code: Code, _ message: String, during operation: String
    ) -> KeyStoreError {
        KeyStoreError(
            code, message, operation: operation,
            native: NativeError(
                domain: statusDomain, function: instruction.name, name: status.name, number: Int64(status.rawValue)),
            triesLeft: status.triesLeft)
    }

    /// The card's own word, where that is what the error is about.
    var statusWord: StatusWord? {
        guard let native, native.domain == Self.statusDomain else { return nil }
        return StatusWord(rawValue: UInt16(truncatingIfNeeded: native.number))
    }

    private static func meaning(of status: StatusWord) -> (Code, String) {
        switch status {
        case .notAuthenticated: (.policyRefused, "the card wants a login for this that it did not have")
        case .conditionsNotMet: (.policyRefused, "the card does not permit this in its present state")
        case .noSuchInstruction: (.unsupportedOperation, "the card's firmware cannot do this")
        case .wrongParameters, .wrongData, .wrongLength:
            (.unsupportedMechanism, "the card cannot do this with these parameters")
        case .notFound, .noSuchReference: (.noSuchKey, "the card has no such thing")
        case .full: (.writeFailed, "the card is full")
        case .success: (.invalidReply, "the card's answer is malformed")
        default: (.backendFailure, "the card refused the command")
        }
    }
}

extension Answer {
    /// The data of a command that has succeeded; throws what the card's refusal means in general.
    func checked(_ instruction: Instruction, during operation: String) throws(KeyStoreError) -> [UInt8] {
        guard status == .success else { throw KeyStoreError.card(status, instruction, during: operation) }
        return data
    }
}
