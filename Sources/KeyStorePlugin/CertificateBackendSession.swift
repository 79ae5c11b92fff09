public import KeyStoreCore

/// A session that stores certificates beside keys; see `CertificateStoring` for what each does.
public protocol CertificateBackendSession: BackendSession {
    /// The certificates beside the key, DER, its own first. None is `noSuchCertificate`.
    func certificates(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]]
    /// Stores certificates, the key's own first, in place of those that are there.
    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) throws(KeyStoreError)
    /// Removes the certificates beside the key. None is `noSuchCertificate`.
    func removeCertificates(at uri: KeyStoreURI) throws(KeyStoreError)
}
