public import KeyStoreCore

/// The member `zitiKeystore` of an identity file, which other programs pass over.
public struct IdentityExtras: Hashable, Sendable {
    /// Why the fallback key is used instead of the one that was asked for; nil where that one is used.
    public var fallbackReason: String?
    /// The reference that was asked for where the fallback is used, without secrets.
    public var fallbackFor: String?
    /// What the key may sign with, where it failed with other algorithms that its store names.
    public var algorithms: [SignatureAlgorithm]?

    /// Makes extras; without arguments there are none.
    public init(fallbackReason: String? = nil, fallbackFor: String? = nil, algorithms: [SignatureAlgorithm]? = nil) {
        self.fallbackReason = fallbackReason
        self.fallbackFor = fallbackFor
        self.algorithms = algorithms
    }

    var isEmpty: Bool { fallbackReason == nil && fallbackFor == nil && algorithms == nil }
}
