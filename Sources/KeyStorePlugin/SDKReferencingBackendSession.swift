public import KeyStoreCore

/// A session that writes references for the OpenZiti SDKs; see `SDKReferencing`.
public protocol SDKReferencingBackendSession: BackendSession {
    /// The text that the SDKs take as `id.key`.
    func sdkReference(at uri: KeyStoreURI) throws(KeyStoreError) -> PIN
}
