import KeyStoreCore

/// What a comparison found out. There are at least two findings, all of one key.
struct ComparisonResult: Sendable {
    /// What the keys signed with.
    let algorithm: SignatureAlgorithm
    let findings: [PathFinding]
}
