import KeyStoreCore
import KeyStoreTesting
import Synchronization

/// A store in memory that can be told to fail, to name other algorithms, or to need a person; and that counts what it signs.
final class ScriptedStore: KeyStore {
    /// What is not as usual.
    struct Script: Sendable {
        /// Thrown instead of opening a session.
        var openFailure: KeyStoreError?
        /// What keys say that they can sign with.
        var algorithms: [SignatureAlgorithm]?
        /// What signing with an algorithm fails with.
        var signFailures: [SignatureAlgorithm: KeyStoreError] = [:]
        /// Algorithms whose signatures are of another message.
        var wrongSignatures: Set<SignatureAlgorithm> = []
        /// What protects keys.
        var protection: KeyProtection = []
        /// The reference for SDKs; nil for a backend that has none.
        var sdkReference: String?
        /// Thrown instead of storing a certificate.
        var certificateFailure: KeyStoreError?
        /// What attests to a key; nil for a backend that cannot.
        var attest: (@Sendable (PublicKey) throws(KeyStoreError) -> [[UInt8]])?
        /// Whether keys can be made with policies.
        var hasPolicies = true
        /// Whether sessions that may write are refused.
        var isWriteProtected = false
        /// A public key that takes every label, without a private one: what a token keeps that was stopped half-way.
        var half: PublicKey?
    }

    let base: DirectKeyStore
    let script: Mutex<Script>
    private let log = Mutex<[SignatureAlgorithm]>([])
    private let opens = Mutex<Int>(0)
    private let made = Mutex<[NewKeyOptions]>([])
    private let stored = Mutex<[[UInt8]]>([])

    /// What was signed with, in order.
    var signatures: [SignatureAlgorithm] { log.withLock { $0 } }
    /// The options of keys that were made with any.
    var keyOptions: [NewKeyOptions] { made.withLock { $0 } }
    /// How many sessions were opened.
    var sessionCount: Int { opens.withLock { $0 } }
    /// The certificates that were stored last.
    var certificates: [[UInt8]] { stored.withLock { $0 } }

    init(_ uri: KeyStoreURI, _ script: Script = Script()) throws {
        base = try DirectKeyStore(InMemoryBackend.self, opening: OpenRequest(uri: uri))
        self.script = Mutex(script)
    }

    var backend: BackendInfo { base.backend }
    var uri: KeyStoreURI { base.uri }
    func tokens(all: Bool) async throws(KeyStoreError) -> [TokenInfo] { try await base.tokens(all: all) }
    func close() async { await base.close() }

    func openSession(
        _ options: SessionOptions, pin: PINSource
    ) async throws(KeyStoreError) -> any KeyStoreSession {
        let script = script.withLock { $0 }
        if let failure = script.openFailure { throw failure }
        if script.isWriteProtected, options.isWritable {
            throw KeyStoreError(.policyRefused, "the token is write-protected")
        }
        opens.withLock { $0 += 1 }
        return Session(base: try await base.openSession(options, pin: pin), store: self)
    }

    func withSession<Result: Sendable>(
        _ options: SessionOptions, pin: PINSource,
        _ body: @concurrent @Sendable (any KeyStoreSession) async throws -> Result
    ) async throws -> Result {
        let session = try await openSession(options, pin: pin)
        let result = try await body(session)
        await session.close()
        return result
    }

    /// Makes the key that the store's URI names, as a person would beforehand.
    @discardableResult
    func makeKey(_ type: KeyType) async throws -> any Key {
        let session = try await base.openSession(SessionOptions(isWritable: true), pin: .none)
        return try await session.generateKey(type, at: uri)
    }

    /// How many keys the token holds.
    func keyCount() async throws -> Int { try await openSession(pin: .none).keys().count }

    fileprivate struct ScriptedKey: Key {
        let base: any Key
        let store: ScriptedStore

        var info: KeyInfo {
            let script = store.script.withLock { $0 }
            var info = base.info
            if let algorithms = script.algorithms { info.algorithms = algorithms }
            info.protection.formUnion(script.protection)
            return info
        }

        func publicKey() async throws(KeyStoreError) -> PublicKey { try await base.publicKey() }

        func sign(
            _ input: SigningInput, using algorithm: SignatureAlgorithm
        ) async throws(KeyStoreError) -> [UInt8] {
            let script = store.script.withLock { $0 }
            store.log.withLock { $0.append(algorithm) }
            if let failure = script.signFailures[algorithm] { throw failure }
            if script.wrongSignatures.contains(algorithm) {
                return try await base.sign(.message([1, 2, 3]), using: algorithm)
            }
            return try await base.sign(input, using: algorithm)
        }
    }

    private struct Policies: KeyPolicySetting {
        let base: any KeyPolicySetting
        let store: ScriptedStore

        func generateKey(
            _ type: KeyType, options: NewKeyOptions, at uri: KeyStoreURI
        ) async throws(KeyStoreError) -> any Key {
            store.made.withLock { $0.append(options) }
            return ScriptedKey(base: try await base.generateKey(type, options: options, at: uri), store: store)
        }

        func importKey(
            pem: PIN, options: NewKeyOptions, at uri: KeyStoreURI
        ) async throws(KeyStoreError) -> any Key { try await base.importKey(pem: pem, options: options, at: uri) }
    }

    private struct Session: KeyStoreSession, SDKReferencing, CertificateStoring, KeyDeleting, KeyAttesting {
        let base: any KeyStoreSession
        let store: ScriptedStore

        var token: TokenInfo { base.token }
        var certificates: (any CertificateStoring)? { self }
        var deleting: (any KeyDeleting)? { self }
        var importing: (any KeyImporting)? { base.importing }
        var sdkReferences: (any SDKReferencing)? {
            store.script.withLock { $0.sdkReference } == nil ? nil : self
        }

        var policies: (any KeyPolicySetting)? {
            guard store.script.withLock({ $0.hasPolicies }) else { return nil }
            return base.policies.map { Policies(base: $0, store: store) }
        }

        var attesting: (any KeyAttesting)? { store.script.withLock { $0.attest } == nil ? nil : self }

        func attestation(at uri: KeyStoreURI) async throws(KeyStoreError) -> [[UInt8]] {
            let publicKey = try await base.publicKey(at: uri)
            guard let attest = store.script.withLock({ $0.attest }) else {
                throw KeyStoreError(.unsupportedOperation, "no attesting")
            }
            return try attest(publicKey)
        }

        func forEachKey(
            matching uri: KeyStoreURI?, _ body: @escaping @Sendable (KeyInfo) -> Bool
        ) async throws(KeyStoreError) { try await base.forEachKey(matching: uri, body) }

        func key(at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
            ScriptedKey(base: try await base.key(at: uri), store: store)
        }

        func publicKey(at uri: KeyStoreURI) async throws(KeyStoreError) -> PublicKey {
            if let half = store.script.withLock({ $0.half }) { return half }
            return try await base.publicKey(at: uri)
        }

        func deleteKey(at uri: KeyStoreURI) async throws(KeyStoreError) {
            guard store.script.withLock({ $0.half }) == nil else { return store.script.withLock { $0.half = nil } }
            guard let deleting = base.deleting else { throw KeyStoreError(.unsupportedOperation, "no deleting") }
            try await deleting.deleteKey(at: uri)
        }

        func generateKey(
            _ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI
        ) async throws(KeyStoreError) -> any Key {
            guard store.script.withLock({ $0.half }) == nil else {
                throw KeyStoreError(.keyExists, "the label is taken")
            }
            return ScriptedKey(base: try await base.generateKey(type, at: uri), store: store)
        }

        func sdkReference(at uri: KeyStoreURI) async throws(KeyStoreError) -> PIN {
            try PIN(store.script.withLock { $0.sdkReference } ?? "")
        }

        func certificates(at uri: KeyStoreURI) async throws(KeyStoreError) -> [[UInt8]] { store.certificates }

        func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) async throws(KeyStoreError) {
            if let failure = store.script.withLock({ $0.certificateFailure }) { throw failure }
            store.stored.withLock { $0 = certificates }
        }

        func removeCertificates(at uri: KeyStoreURI) async throws(KeyStoreError) {
            store.stored.withLock { $0 = [] }
        }

        func close() async { await base.close() }
    }
}
