import KeyStoreCore
import Synchronization

/// A session that a plugin serves, on a thread of its own.
final class LoadedSession: KeyStoreSession {
    let thread: SessionThread
    private let blocking: BlockingSession
    private let timeoutMilliseconds: UInt32?
    /// How many calls still run although their callers gave up. While there is one, the thread is not free.
    private let abandonedCalls = Mutex(0)

    init(_ blocking: BlockingSession, thread: SessionThread, timeoutMilliseconds: UInt32?) {
        self.blocking = blocking
        self.thread = thread
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    deinit {
        // Closing may wait for the device, so it is done on the thread, which then ends.
        let blocking = blocking
        thread.perform { blocking.close() }
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

    func generateKey(_ type: KeyType, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        LoadedKey(
            try await run { (session) throws(KeyStoreError) in try session.generateKey(type, at: uri) }, session: self)
    }

    var certificates: (any CertificateStoring)? { ability(.certificates) }
    var deleting: (any KeyDeleting)? { ability(.deleting) }
    var importing: (any KeyImporting)? { ability(.importing) }
    var sdkReferences: (any SDKReferencing)? { ability(.sdkReferences) }

    func close() async {
        _ = try? await run { (session) throws(KeyStoreError) in session.close() }
    }

    private func ability(_ ability: Ability) -> LoadedAbilities? {
        blocking.store.backend.abilities.contains(ability) ? LoadedAbilities(session: self) : nil
    }

    /// Runs a call on the session's thread. While a call that was given up still runs there, others are `busy`.
    func run<Success: Sendable>(
        _ body: @escaping @Sendable (BlockingSession) throws(KeyStoreError) -> Success
    ) async throws(KeyStoreError) -> Success {
        guard thread.isCurrent || abandonedCalls.withLock({ $0 == 0 }) else {
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

    /// Whether the backend never waits, so that a call may be made on the caller's own thread.
    var computesOnly: Bool { blocking.store.backend.computesOnly }
}
