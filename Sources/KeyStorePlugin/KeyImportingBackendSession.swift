public import KeyStoreCore

/// A session that takes keys from outside; see `KeyImporting`.
public protocol KeyImportingBackendSession: BackendSession {
    /// Stores the private key of a PEM text for the given use. The text is valid during the call.
    func importKey(
        pem: UnsafeRawBufferPointer, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey
}

extension KeyImportingBackendSession {
    /// Stores a key that is to sign.
    public func importKey(
        pem: UnsafeRawBufferPointer, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        try importKey(pem: pem, purpose: .sign, at: uri)
    }
}
