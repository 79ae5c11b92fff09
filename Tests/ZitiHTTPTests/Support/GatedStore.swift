import Foundation
import KeyStoreCore
import KeyStoreTesting
import Synchronization

/// A store in memory with one P-256 key, whose signatures can be held back, counted and made to fail.
final class GatedStore: KeyStore {
    private struct State {
        var isShut = false
        var isClosed = false
        var failure: KeyStoreError?
        var openFailure: KeyStoreError?
        var otherPublicKey: PublicKey?
        var opened = 0
        var refused = 0
        var signatures = 0
        var signing = 0
        var mostAtOnce = 0
        var held: [CheckedContinuation<Void, Never>] = []
        var watching: [(isDue: @Sendable (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let base: DirectKeyStore
    private let protection: KeyProtection
    private let state = Mutex(State())

    static func make(protection: KeyProtection = []) async throws -> GatedStore {
        let uri = try KeyStoreURI("memory:\(UUID().uuidString);object=key")
        let base = try DirectKeyStore(InMemoryBackend.self, opening: OpenRequest(uri: uri))
        let session = try await base.openSession(SessionOptions(isWritable: true), pin: .none)
        _ = try await session.generateKey(.ecP256, at: uri)
        return GatedStore(base, protection)
    }

    private init(_ base: DirectKeyStore, _ protection: KeyProtection) {
        self.base = base
        self.protection = protection
    }

    /// Whether signatures wait. Those that wait go on when it is opened.
    var isShut: Bool {
        get { state.withLock { $0.isShut } }
        set {
            let held = state.withLock { state in
                state.isShut = newValue
                guard !newValue else { return [CheckedContinuation<Void, Never>]() }
                defer { state.held = [] }
                return state.held
            }
            for continuation in held { continuation.resume() }
        }
    }
    /// What signing fails with.
    var failure: KeyStoreError? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }
    /// What opening a session fails with.
    var openFailure: KeyStoreError? {
        get { state.withLock { $0.openFailure } }
        set { state.withLock { $0.openFailure = newValue } }
    }
    /// The public key that is shown instead of the key's own.
    var otherPublicKey: PublicKey? {
        get { state.withLock { $0.otherPublicKey } }
        set { state.withLock { $0.otherPublicKey = newValue } }
    }
    var isClosed: Bool { state.withLock { $0.isClosed } }
    var opened: Int { state.withLock { $0.opened } }
    var signatures: Int { state.withLock { $0.signatures } }
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

    /// Waits until so many signatures are being made.
    func wait(signing count: Int) async { await wait { $0.signing >= count } }
    /// Waits until so many sessions were refused.
    func wait(refused count: Int) async { await wait { $0.refused >= count } }

    private func wait(_ isDue: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            change { $0.watching.append((isDue, continuation)) }
        }
    }

    private func change(_ change: (inout State) -> Void) {
        let due = state.withLock { state in
            change(&state)
            let now = state
            state.watching.removeAll { $0.isDue(now) }
            return now.watching.filter { $0.isDue(now) }.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    var backend: BackendInfo { base.backend }
    var uri: KeyStoreURI { base.uri }
    func tokens(all: Bool) async throws(KeyStoreError) -> [TokenInfo] { try await base.tokens(all: all) }
    func close() async {
        change { $0.isClosed = true }
        await base.close()
    }

    func openSession(_ options: SessionOptions, pin: PINSource) async throws(KeyStoreError) -> any KeyStoreSession {
        if let openFailure {
            change { $0.refused += 1 }
            throw openFailure
        }
        change { $0.opened += 1 }
        return Session(base: try await base.openSession(options, pin: pin), store: self)
    }

    func withSession<Result: Sendable>(
        _ options: SessionOptions, pin: PINSource,
        _ body: @concurrent @Sendable (any KeyStoreSession) async throws -> Result
    ) async throws -> Result {
        try await body(try await openSession(options, pin: pin))
    }

    private func sign(_ key: any Key, _ input: SigningInput, _ algorithm: SignatureAlgorithm)
        async
        throws(KeyStoreError) -> [UInt8]
    {
        change { state in
            state.signatures += 1
            state.signing += 1
            state.mostAtOnce = max(state.mostAtOnce, state.signing)
        }
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.isShut { state.held.append(continuation) }
                return !state.isShut
            }
            if goesOn { continuation.resume() }
        }
        change { $0.signing -= 1 }
        if let failure { throw failure }
        return try await key.sign(input, using: algorithm)
    }

    private struct HeldKey: Key {
        let base: any Key
        let store: GatedStore

        var info: KeyInfo {
            var info = base.info
            info.protection.formUnion(store.protection)
            return info
        }
        func publicKey() async throws(KeyStoreError) -> PublicKey {
            if let other = store.otherPublicKey { return other }
            return try await base.publicKey()
        }
        func sign(_ input: SigningInput, using algorithm: SignatureAlgorithm) async throws(KeyStoreError) -> [UInt8] {
            try await store.sign(base, input, algorithm)
        }
    }

    private struct Session: KeyStoreSession {
        let base: any KeyStoreSession
        let store: GatedStore

        var token: TokenInfo { base.token }
        var certificates: (any CertificateStoring)? { nil }
        var deleting: (any KeyDeleting)? { nil }
        var importing: (any KeyImporting)? { nil }
        var sdkReferences: (any SDKReferencing)? { nil }
        func forEachKey(
            matching uri: KeyStoreURI?, _ body: @escaping @Sendable (KeyInfo) -> Bool
        ) async throws(KeyStoreError) { try await base.forEachKey(matching: uri, body) }
        func key(at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
            HeldKey(base: try await base.key(at: uri), store: store)
        }
        func publicKey(at uri: KeyStoreURI) async throws(KeyStoreError) -> PublicKey {
            try await base.publicKey(at: uri)
        }
        func generateKey(
            _ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI
        ) async throws(KeyStoreError) -> any Key { try await base.generateKey(type, purpose: purpose, at: uri) }
        func close() async { await base.close() }
    }
}
