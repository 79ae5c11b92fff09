/// Destroying keys.
public protocol KeyDeleting: Sendable {
    /// Destroys the one key that the URI matches, with its public part and certificates. The session must be writable.
    func deleteKey(at uri: KeyStoreURI) async throws(KeyStoreError)
}
