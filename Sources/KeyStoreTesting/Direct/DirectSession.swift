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

    func generateKey(_ type: KeyType, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        try use { (session) throws(KeyStoreError) in DirectKey(try session.generateKey(type, at: uri), session: self) }
    }

    var certificates: (any CertificateStoring)? { ability(.certificates) }
    var deleting: (any KeyDeleting)? { ability(.deleting) }
    var importing: (any KeyImporting)? { ability(.importing) }
    var sdkReferences: (any SDKReferencing)? { ability(.sdkReferences) }

    func close() async { closeOnce() }

    private func ability(_ ability: Ability) -> DirectAbilities? {
        store.backend.abilities.contains(ability) ? DirectAbilities(session: self) : nil
    }

    private func closeOnce() {
        let wasOpen = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        if wasOpen { session.use { $0.close() } }
    }
}

/// A backend's key as callers see it.
final class DirectKey: Key {
    let info: KeyInfo
    private let key: Guarded<any BackendKey>
    private let session: DirectSession

    init(_ key: any BackendKey, session: DirectSession) {
        info = key.info
        self.key = Guarded(key)
        self.session = session
    }

    func publicKey() async throws(KeyStoreError) -> PublicKey {
        try session.use(as: (any BackendSession).self) { (_) throws(KeyStoreError) in
            try key.use { (key) throws(KeyStoreError) in try key.publicKey() }
        }
    }

    func sign(_ input: SigningInput, using algorithm: SignatureAlgorithm) async throws(KeyStoreError) -> [UInt8] {
        guard info.algorithms.contains(algorithm) else {
            throw KeyStoreError(.unsupportedMechanism, "this key does not sign with \(algorithm)")
        }
        let (bytes, form): ([UInt8], SigningForm) =
            switch input {
            case .message(let bytes): (bytes, .message)
            case .digest(let bytes): (bytes, .digest)
            }
        if form == .digest, bytes.count != algorithm.hash?.digestLength {
            throw KeyStoreError(.invalidData, "this is no digest for \(algorithm)")
        }
        return try session.use(as: (any BackendSession).self) { (_) throws(KeyStoreError) in
            try key.use { (key) throws(KeyStoreError) in
                let result: Result<[UInt8], KeyStoreError> = bytes.withUnsafeBytes { bytes in
                    do throws(KeyStoreError) {
                        return .success(try key.sign(bytes, form: form, using: algorithm))
                    } catch {
                        return .failure(error)
                    }
                }
                return try result.get()
            }
        }
    }
}

/// The abilities of a backend's session.
struct DirectAbilities: CertificateStoring, KeyDeleting, KeyImporting, SDKReferencing {
    let session: DirectSession

    func certificates(at uri: KeyStoreURI) async throws(KeyStoreError) -> [[UInt8]] {
        try session.use(as: (any CertificateBackendSession).self) { (session) throws(KeyStoreError) in
            try session.certificates(at: uri)
        }
    }

    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) async throws(KeyStoreError) {
        try session.use(as: (any CertificateBackendSession).self) { (session) throws(KeyStoreError) in
            try session.store(certificates, at: uri)
        }
    }

    func removeCertificates(at uri: KeyStoreURI) async throws(KeyStoreError) {
        try session.use(as: (any CertificateBackendSession).self) { (session) throws(KeyStoreError) in
            try session.removeCertificates(at: uri)
        }
    }

    func deleteKey(at uri: KeyStoreURI) async throws(KeyStoreError) {
        try session.use(as: (any KeyDeletingBackendSession).self) { (session) throws(KeyStoreError) in
            try session.deleteKey(at: uri)
        }
    }

    func importKey(pem: PIN, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        try session.use(as: (any KeyImportingBackendSession).self) { (session) throws(KeyStoreError) in
            let key = try pem.withBytes { (bytes) throws(KeyStoreError) in try session.importKey(pem: bytes, at: uri) }
            return DirectKey(key, session: self.session)
        }
    }

    func sdkReference(at uri: KeyStoreURI) async throws(KeyStoreError) -> PIN {
        try session.use(as: (any SDKReferencingBackendSession).self) { (session) throws(KeyStoreError) in
            try session.sdkReference(at: uri)
        }
    }
}
