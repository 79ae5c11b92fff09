import KeyStoreCore
import Synchronization

/// A session that a plugin serves, on a thread of its own.
final class LoadedSession: KeyStoreSession {
    private let thread: SessionThread
    private let blocking: BlockingSession
    private let timeoutMilliseconds: UInt32?
    /// How many calls still run although their callers gave up. While there is one, the thread is not free.
    private let abandonedCalls = Mutex(0)
    private let isClosed = Atomic(false)

    init(_ blocking: BlockingSession, thread: SessionThread, timeoutMilliseconds: UInt32?) {
        self.blocking = blocking
        self.thread = thread
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    deinit {
        // Closing may wait for the device, so it is done on the thread, which then ends; and there the store is let go of.
        let last = Unmanaged.passRetained(blocking)
        thread.perform {
            last.takeUnretainedValue().close()
            last.release()
        }
        thread.stop()
    }

    var token: TokenInfo { blocking.token }

    func forEachKey(
        matching uri: KeyStoreURI?, _ body: @escaping @Sendable (KeyInfo) -> Bool
    ) async throws(KeyStoreError) {
        try await run { (session) throws(KeyStoreError) in try session.forEachKey(matching: uri, body) }
    }

    func key(at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        LoadedKey(try await run { (session) throws(KeyStoreError) in try session.key(at: uri) }, session: self)
    }

    func publicKey(at uri: KeyStoreURI) async throws(KeyStoreError) -> PublicKey {
        try await run { (session) throws(KeyStoreError) in try session.publicKey(at: uri) }
    }

    func generateKey(_ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        LoadedKey(
            try await run { (session) throws(KeyStoreError) in try session.generateKey(type, purpose: purpose, at: uri)
            },
            session: self)
    }

    var certificates: (any CertificateStoring)? { ability(.certificates) }
    var deleting: (any KeyDeleting)? { ability(.deleting) }
    var importing: (any KeyImporting)? { ability(.importing) }
    var relabelling: (any KeyRelabelling)? { ability(.relabelling) }
    var policies: (any KeyPolicySetting)? { ability(.keyPolicies) }
    var attesting: (any KeyAttesting)? { ability(.attesting) }
    var moving: (any KeyMoving)? { ability(.moving) }
    var sdkReferences: (any SDKReferencing)? { ability(.sdkReferences) }

    /// Closes also in a task that was cancelled, and behind a call that was given up; it is waited for in neither case.
    func close() async {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let blocking = blocking
        if abandonedCalls.withLock({ $0 > 0 }) {
            thread.perform { blocking.close() }
            return
        }
        _ = try? await thread.run(
            timeoutMilliseconds: timeoutMilliseconds, isDispensable: false, onAbandon: { _ in }
        ) { () throws(KeyStoreError) in blocking.close() }
    }

    /// Runs the body on the session's thread.
    func scope<Result: Sendable>(
        _ body: @concurrent @Sendable (any KeyStoreSession) async throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(thread) { try await body(self) }
    }

    private func ability(_ ability: Ability) -> LoadedAbilities? {
        has(ability) ? LoadedAbilities(session: self) : nil
    }

    /// Runs a call on the session's thread. While a call that was given up still runs there, others are `busy`.
    func run<Success: Sendable>(
        _ body: @escaping @Sendable (BlockingSession) throws(KeyStoreError) -> Success
    ) async throws(KeyStoreError) -> Success {
        guard !isClosed.load(ordering: .acquiring) else {
            throw KeyStoreError(.cancelled, "the session was closed", subject: blocking.store.uri.text)
        }
        guard thread.isCurrent || abandonedCalls.withLock({ $0 <= 0 }) else {
            throw KeyStoreError(
                .busy, "the session still waits for a call that was given up; open another one",
                subject: blocking.store.uri.text)
        }
        let blocking = blocking
        return try await thread.run(
            timeoutMilliseconds: timeoutMilliseconds,
            onAbandon: { [weak self] isRunning in self?.abandonedCalls.withLock { $0 += isRunning ? 1 : -1 } }
        ) { () throws(KeyStoreError) in try body(blocking) }
    }

    /// Whether the caller is on the session's thread, so that calls switch none.
    var isOnThread: Bool { thread.isCurrent }

    /// Whether the backend has an ability.
    func has(_ ability: Ability) -> Bool { blocking.store.backend.abilities.contains(ability) }

    /// Whether the backend never waits, so that a call may be made on the caller's own thread.
    var computesOnly: Bool { blocking.store.backend.computesOnly }
}
