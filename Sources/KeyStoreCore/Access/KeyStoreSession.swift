/// A connection to one token. Operations on one session run one after the other; open several to use several cores.
public protocol KeyStoreSession: Sendable {
    /// The token. A backend without tokens describes itself.
    var token: TokenInfo { get }

    /// Calls `body` with every key that the URI matches, or with every key for nil, as they are found, until it answers
    /// false. Runs `body` on the session's thread. Without a login only what is public is seen.
    func forEachKey(
        matching uri: KeyStoreURI?, _ body: @escaping @Sendable (KeyInfo) -> Bool
    ) async throws(KeyStoreError)

    /// Finds the one private key that the URI matches. None is `noSuchKey`, several are `ambiguousKey` with all of them
    /// listed. A URI that names no key at all matches every key.
    func key(at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key

    /// The public key of the one key that the URI matches, without a login where that can be.
    func publicKey(at uri: KeyStoreURI) async throws(KeyStoreError) -> PublicKey

    /// Makes a key for the given use, with the label and id that the URI gives. Never overwrites: a label or id that is taken
    /// is `keyExists`. The session must be writable.
    func generateKey(_ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key

    /// Certificates beside keys, or nil where the backend has none.
    var certificates: (any CertificateStoring)? { get }
    /// Destroying keys, or nil where the backend cannot.
    var deleting: (any KeyDeleting)? { get }
    /// Taking keys from outside, or nil where the backend cannot.
    var importing: (any KeyImporting)? { get }
    /// Giving keys other names, or nil where the backend cannot.
    var relabelling: (any KeyRelabelling)? { get }
    /// Giving new keys policies and replacing keys, or nil where the backend cannot.
    var policies: (any KeyPolicySetting)? { get }
    /// Proofs that keys were made on the token, or nil where the backend has none.
    var attesting: (any KeyAttesting)? { get }
    /// Moving keys, or nil where the backend cannot.
    var moving: (any KeyMoving)? { get }
    /// References for the OpenZiti SDKs, or nil where the backend has none.
    var sdkReferences: (any SDKReferencing)? { get }

    /// Closes the session. Its keys throw `cancelled` from then on. A session that nobody holds any more closes by itself.
    func close() async
}

extension KeyStoreSession {
    /// Nil: a backend need not have it.
    public var relabelling: (any KeyRelabelling)? { nil }
    /// Nil: a backend need not have it.
    public var policies: (any KeyPolicySetting)? { nil }
    /// Nil: a backend need not have it.
    public var attesting: (any KeyAttesting)? { nil }
    /// Nil: a backend need not have it.
    public var moving: (any KeyMoving)? { nil }

    /// Makes a key that signs.
    public func generateKey(_ type: KeyType, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        try await generateKey(type, purpose: .sign, at: uri)
    }

    /// The keys that the URI matches, or all of them for nil.
    public func keys(matching uri: KeyStoreURI? = nil) async throws(KeyStoreError) -> [KeyInfo] {
        let found = KeyInfoCollector()
        try await forEachKey(matching: uri) { info in
            found.append(info)
            return true
        }
        return found.infos
    }
}

/// Collects a listing. The body of `forEachKey` runs before the call returns and never at once with itself.
private final class KeyInfoCollector: @unchecked Sendable {
    private(set) var infos: [KeyInfo] = []
    func append(_ info: KeyInfo) { infos.append(info) }
}
