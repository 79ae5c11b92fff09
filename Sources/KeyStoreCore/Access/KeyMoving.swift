/// Moving keys to other places on their token.
public protocol KeyMoving: Sendable {
    /// Moves the one key that the first URI matches, with what stands beside it, to the place that the second names, and
    /// returns it as it is named there. A place that is taken is `keyExists`. The session must be writable.
    func moveKey(at uri: KeyStoreURI, to place: KeyStoreURI) async throws(KeyStoreError) -> KeyInfo
}
