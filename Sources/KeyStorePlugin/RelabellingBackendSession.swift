public import KeyStoreCore

/// A session that gives keys other names; see `KeyRelabelling`.
public protocol RelabellingBackendSession: BackendSession {
    /// Gives the one key that the URI matches another label, another id or both; nil leaves one as it is.
    func relabel(at uri: KeyStoreURI, label: String?, id: [UInt8]?) throws(KeyStoreError) -> KeyInfo
}
