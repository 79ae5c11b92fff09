public import KeyStoreCore

/// A session that moves keys to other places on their token; see `KeyMoving`.
public protocol KeyMovingBackendSession: BackendSession {
    /// Moves the one key that the first URI matches to the place that the second names, and describes it there.
    func moveKey(at uri: KeyStoreURI, to place: KeyStoreURI) throws(KeyStoreError) -> KeyInfo
}
