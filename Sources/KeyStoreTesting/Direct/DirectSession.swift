import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// A backend's session as callers see it.
final class DirectSession: KeyStoreSession {
    let token: TokenInfo
    private let store: DirectKeyStore
    private let session: Guarded<any BackendSession>
    private let host: DirectHost
    private let isClosed = Mutex(false)

    init(
        store: DirectKeyStore, session: Guarded<any BackendSession>, host: DirectHost
    ) throws(KeyStoreError) {
        self.store = store
        self.session = session
        self.host = host
        token = try session.use { (session) throws(KeyStoreError) in try session.token }
    }

    deinit { closeOnce() }

    /// Uses the session as one with an ability, or as it is.
    func use<Session, Result>(
        as type: Session.Type, _ body: (Session) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        try session.use { (session) throws(KeyStoreError) in
            // Under the lock that closing takes too.
            guard !isClosed.withLock({ $0 }) else { throw KeyStoreError(.cancelled, "the session was closed") }
            guard let session = session as? Session else {
                throw KeyStoreError(.unsupportedOperation, "the backend declares an ability that its sessions lack")
            }
            return try body(session)
        }
    }

    private func use<Result>(
        _ body: (any BackendSession) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        try use(as: (any BackendSession).self, body)
    }

    func forEachKey(
        matching uri: KeyStoreURI?, _ body: @escaping @Sendable (KeyInfo) -> Bool
    ) async throws(KeyStoreError) {
        try use { (session) throws(KeyStoreError) in try session.forEachKey(matching: uri, body) }
    }

    func key(at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        try use { (session) throws(KeyStoreError) in DirectKey(try session.key(at: uri), session: self) }
    }

    func publicKey(at uri: KeyStoreURI) async throws(KeyStoreError) -> PublicKey {
        try use { (session) throws(KeyStoreError) in try session.publicKey(at: uri) }
    }

    func generateKey(_ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        try use { (session) throws(KeyStoreError) in
            DirectKey(try session.generateKey(type, purpose: purpose, at: uri), session: self)
        }
    }

    var certificates: (any CertificateStoring)? { ability(.certificates) }
    var deleting: (any KeyDeleting)? { ability(.deleting) }
    var importing: (any KeyImporting)? { ability(.importing) }
    var relabelling: (any KeyRelabelling)? { ability(.relabelling) }
    var policies: (any KeyPolicySetting)? { ability(.keyPolicies) }
    var attesting: (any KeyAttesting)? { ability(.attesting) }
    var moving: (any KeyMoving)? { ability(.moving) }
    var sdkReferences: (any SDKReferencing)? { ability(.sdkReferences) }

    func close() async { closeOnce() }

    /// Whether the backend has an ability.
    func has(_ ability: Ability) -> Bool { store.backend.abilities.contains(ability) }

    private func ability(_ ability: Ability) -> DirectAbilities? {
        has(ability) ? DirectAbilities(session: self) : nil
    }

    private func closeOnce() {
        let wasOpen = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        if wasOpen { session.use { $0.close() } }
    }
}
