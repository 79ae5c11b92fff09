public import KeyStoreCore

/// A session that takes keys from outside; see `KeyImporting`.
public protocol KeyImportingBackendSession: BackendSession {
    /// Stores the private key of a PEM text. The text is valid during the call.
    func importKey(pem: UnsafeRawBufferPointer, at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey
}
