import KeyStoreCore

/// Whether a wrong PIN may be sent on purpose.
enum PINRisk {
    /// Throws, saying why, where one could lock the token.
    static func demandNone(_ survey: PathSurvey) throws {
        guard let reason = reason(survey.token) else { return }
        throw CommandFailure(
            status: .notPermitted, code: "\(KeyStoreError.Code.policyRefused)",
            message:
                "path \(survey.path.number) (\(survey.path.name)): no wrong PIN is sent to '\(survey.token.label)': "
                + reason,
            operation: "try a wrong PIN", subject: survey.token.uri.redacted,
            hint: "a right PIN resets the count: 'ziti-keystore list REF --login' sends one")
    }

    /// Why not; nil where at least two tries remain, as far as the token tells.
    static func reason(_ token: TokenInfo) -> String? {
        if token.flags.contains(.pinLocked) { return "its PIN is locked" }
        if token.flags.contains(.pinFinalTry) { return "the last try is left" }
        if let left = token.triesLeft { return left < 2 ? "it has \(left == 1 ? "1 try" : "no try") left" : nil }
        return token.flags.contains(.pinCountLow)
            ? "it does not tell how many tries are left, and a wrong PIN was given already" : nil
    }
}
