public import KeyStoreCore

/// A session that destroys keys; see `KeyDeleting`.
public protocol KeyDeletingBackendSession: BackendSession {
    /// Destroys the one key that the URI matches.
    func deleteKey(at uri: KeyStoreURI) throws(KeyStoreError)
}
