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

    /// What the path can do, in words and in a fixed order.
    var features: [String] {
        key.algorithms.map { "signs \($0)" } + key.decryptionAlgorithms.map { "decrypts \($0)" }
            + (key.canAgree ? ["derives secrets"] : []) + backend.abilities.names.map { "ability: \($0)" }
    }
}

extension [PathFinding] {
    /// Everything that some path can do, in order.
    var features: [String] {
        var features: [String] = []
        for finding in self {
            for feature in finding.features where !features.contains(feature) { features.append(feature) }
        }
        return features
    }

    /// The names of what else is known of the key on some path, its policies for example, in order.
    var propertyNames: [String] {
        var names: [String] = []
        for property in flatMap(\.key.properties) where !names.contains(property.name) { names.append(property.name) }
        return names
    }

    /// What this path can do and no other.
    func onlyFeatures(of index: Int) -> [String] {
        self[index].features.filter { feature in
            !enumerated().contains { $0.offset != index && $0.element.features.contains(feature) }
        }
    }
}
