/// Certificates that stand beside keys, so that whoever has the token has both.
public protocol CertificateStoring: Sendable {
    /// The certificates beside the key, DER, the key's own first, then its issuers. None is `noSuchCertificate`.
    func certificates(at uri: KeyStoreURI) async throws(KeyStoreError) -> [[UInt8]]

    /// Stores certificates (DER, the key's own first) in place of those that are there. A first certificate for another
    /// public key is refused with `invalidData`. The session must be writable.
    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) async throws(KeyStoreError)

    /// Removes the certificates beside the key. None is `noSuchCertificate`. The session must be writable.
    func removeCertificates(at uri: KeyStoreURI) async throws(KeyStoreError)
}
