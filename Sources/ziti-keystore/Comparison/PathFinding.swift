import KeyStoreCore

/// What was found out about one path.
struct PathFinding: Sendable {
    let path: ComparisonPath
    let backend: BackendInfo
    let token: TokenInfo
    let key: KeyInfo
    let publicKey: PublicKey
    /// nil where the backend does not tell of native calls.
    let calls: NativeCalls?
    /// The median of several openings, in nanoseconds.
    let times: KeySteps<Int>
    let signatures: LatencyStatistics
    /// What it said to a wrong secret; nil where that was not asked for.
    var wrongPIN: TrialOutcome?
    /// What it said when its token was unplugged, and when it was plugged in again.
    var unplugged: TrialOutcome?
    var replugged: TrialOutcome?
}

extension [PathFinding] {
    /// The names of what else is known of the key on some path, its policies for example, in order.
    var propertyNames: [String] {
        var names: [String] = []
        for property in flatMap(\.key.properties) where !names.contains(property.name) { names.append(property.name) }
        return names
    }
}
