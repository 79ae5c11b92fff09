/// What is wrong with the certificates that a controller's server presents.
public enum ServerFlaw: String, Sendable, CaseIterable {
    /// The leaf comes first, as it has to, and the root before the intermediate.
    case chainOutOfOrder = "chain-out-of-order"
    /// The intermediate is missing.
    case leafOnly = "leaf-only"
    /// The leaf expired yesterday.
    case expired
    /// The leaf is for `other.example` and no address.
    case otherHost = "other-host"
}
