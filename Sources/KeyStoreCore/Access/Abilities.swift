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

/// Destroying keys.
public protocol KeyDeleting: Sendable {
    /// Destroys the one key that the URI matches, with its public part and certificates. The session must be writable.
    func deleteKey(at uri: KeyStoreURI) async throws(KeyStoreError)
}

/// Taking private keys that exist outside.
public protocol KeyImporting: Sendable {
    /// Stores the private key of a PEM text, with the label and id that the URI gives. The session's PIN source is asked
    /// for the passphrase if the PEM is encrypted. Never overwrites. The session must be writable.
    func importKey(pem: PIN, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key
}

/// References that the OpenZiti C and Go SDKs read.
public protocol SDKReferencing: Sendable {
    /// The text that those SDKs take as `id.key` for this key. It may hold a secret, because they cannot ask for one; the
    /// store warns about that. A key that they cannot use is `unsupportedOperation` or `policyRefused`.
    func sdkReference(at uri: KeyStoreURI) async throws(KeyStoreError) -> PIN
}
