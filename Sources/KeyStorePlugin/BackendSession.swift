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

    /// Makes a key of the type, for the given use, with the label and id that the URI gives. Never overwrites and never
    /// shadows: `keyExists`. A use that the type or the backend does not have is `unsupportedMechanism`.
    func generateKey(
        _ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey

    /// Ends the session. Called once, after the last use of its keys.
    func close()
}

extension BackendSession {
    /// Makes a key that signs.
    public func generateKey(_ type: KeyType, at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey {
        try generateKey(type, purpose: .sign, at: uri)
    }

    /// Finds the private key and asks it, which is what a backend does whose public keys stand nowhere else.
    public func publicKey(at uri: KeyStoreURI) throws(KeyStoreError) -> PublicKey {
        try key(at: uri).publicKey()
    }
}
