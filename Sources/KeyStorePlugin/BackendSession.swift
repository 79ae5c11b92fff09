public import KeyStoreCore

/// A session on one token, as the author of a backend writes it. One call at a time, from changing threads.
public protocol BackendSession: AnyObject {
    /// The token; a backend without tokens describes itself.
    var token: TokenInfo { get throws(KeyStoreError) }

    /// Calls `body` with every key that the URI matches, or every key for nil, until it answers false. One entry for each
    /// key: private part, public part and certificate of one key are one.
    func forEachKey(matching uri: KeyStoreURI?, _ body: (KeyInfo) -> Bool) throws(KeyStoreError)

    /// Finds the one private key that the URI matches, logging in if that is needed. None is `noSuchKey`; several are
    /// `ambiguousKey` (see `KeyStoreError.ambiguousKey(_:at:)`).
    func key(at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey

    /// The public key of the one key that the URI matches, without a login where it can be seen without.
    func publicKey(at uri: KeyStoreURI) throws(KeyStoreError) -> PublicKey

    /// Makes a key of the type with the label and id that the URI gives. Never overwrites and never shadows: `keyExists`.
    func generateKey(_ type: KeyType, at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey

    /// Ends the session. Called once, after the last use of its keys.
    func close()
}

extension BackendSession {
    /// Finds the private key and asks it, which is what a backend does whose public keys stand nowhere else.
    public func publicKey(at uri: KeyStoreURI) throws(KeyStoreError) -> PublicKey {
        try key(at: uri).publicKey()
    }
}

/// A session that stores certificates beside keys; see `CertificateStoring` for what each does.
public protocol CertificateBackendSession: BackendSession {
    /// The certificates beside the key, DER, its own first. None is `noSuchCertificate`.
    func certificates(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]]
    /// Stores certificates, the key's own first, in place of those that are there.
    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) throws(KeyStoreError)
    /// Removes the certificates beside the key. None is `noSuchCertificate`.
    func removeCertificates(at uri: KeyStoreURI) throws(KeyStoreError)
}

/// A session that destroys keys; see `KeyDeleting`.
public protocol KeyDeletingBackendSession: BackendSession {
    /// Destroys the one key that the URI matches.
    func deleteKey(at uri: KeyStoreURI) throws(KeyStoreError)
}

/// A session that takes keys from outside; see `KeyImporting`.
public protocol KeyImportingBackendSession: BackendSession {
    /// Stores the private key of a PEM text. The text is valid during the call.
    func importKey(pem: UnsafeRawBufferPointer, at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey
}

/// A session that writes references for the OpenZiti SDKs; see `SDKReferencing`.
public protocol SDKReferencingBackendSession: BackendSession {
    /// The text that the SDKs take as `id.key`.
    func sdkReference(at uri: KeyStoreURI) throws(KeyStoreError) -> PIN
}
