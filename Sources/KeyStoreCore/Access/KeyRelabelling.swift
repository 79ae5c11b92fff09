/// Giving keys other names.
public protocol KeyRelabelling: Sendable {
    /// Gives the one key that the URI matches another label, another id or both, with its public part and its own
    /// certificate; nil leaves one as it is. Returns the key as it is called now. A label or id that another key has is
    /// `keyExists`. The session must be writable.
    func relabel(at uri: KeyStoreURI, label: String?, id: [UInt8]?) async throws(KeyStoreError) -> KeyInfo
}
