import KeyStoreCore

/// A store that a plugin serves, as callers see it.
final class LoadedKeyStore: KeyStore {
    let blocking: BlockingKeyStore
    private let thread: SessionThread
    private let timeoutMilliseconds: UInt32?

    /// Opens the store on a thread of its own.
    static func open(
        timeoutMilliseconds: UInt32?, _ open: @escaping @Sendable () throws(KeyStoreError) -> BlockingKeyStore
    ) async throws(KeyStoreError) -> LoadedKeyStore {
        let thread = try SessionThread()
        do throws(KeyStoreError) {
            let blocking = try await thread.run(
                timeoutMilliseconds: timeoutMilliseconds, onAbandon: { _ in }, open)
            return LoadedKeyStore(blocking, thread: thread, timeoutMilliseconds: timeoutMilliseconds)
        } catch {
            thread.stop()
            throw error
        }
    }

    private init(_ blocking: BlockingKeyStore, thread: SessionThread, timeoutMilliseconds: UInt32?) {
        self.blocking = blocking
        self.thread = thread
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    deinit {
        // Where this was the last use of the store, closing it may wait for the device: not here, but on the thread.
        let last = Unmanaged.passRetained(blocking)
        thread.perform { last.release() }
        thread.stop()
    }

    var backend: BackendInfo { blocking.backend }
    var uri: KeyStoreURI { blocking.uri }

    func tokens(all: Bool) async throws(KeyStoreError) -> [TokenInfo] {
        try await run { (store) throws(KeyStoreError) in try store.tokens(all: all) }
    }

    func openSession(_ options: SessionOptions, pin: PINSource) async throws(KeyStoreError) -> any KeyStoreSession {
        try await openLoadedSession(options, pin: pin)
    }

    func withSession<Result: Sendable>(
        _ options: SessionOptions, pin: PINSource,
        _ body: @concurrent @Sendable (any KeyStoreSession) async throws -> Result
    ) async throws -> Result {
        let session = try await openLoadedSession(options, pin: pin)
        do {
            let result = try await session.scope(body)
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }

    var administration: (any TokenAdministering)? {
        backend.abilities.contains(.administering) ? LoadedAdministration(store: self) : nil
    }

    var watching: (any TokenWatching)? { backend.abilities.contains(.watching) ? self : nil }

    /// Runs a call on the store's thread.
    func run<Success: Sendable>(
        _ body: @escaping @Sendable (BlockingKeyStore) throws(KeyStoreError) -> Success
    ) async throws(KeyStoreError) -> Success {
        let blocking = blocking
        return try await thread.run(timeoutMilliseconds: timeoutMilliseconds, onAbandon: { _ in }) {
            () throws(KeyStoreError) in try body(blocking)
        }
    }

    /// Closes also in a task that was cancelled, where it is not waited for.
    func close() async {
        let blocking = blocking
        _ = try? await thread.run(
            timeoutMilliseconds: timeoutMilliseconds, isDispensable: false, onAbandon: { _ in }
        ) { () throws(KeyStoreError) in blocking.close() }
    }

    private func openLoadedSession(
        _ options: SessionOptions, pin: PINSource
    ) async throws(KeyStoreError) -> LoadedSession {
        let session = try SessionThread()
        let blocking = blocking
        do throws(KeyStoreError) {
            let opened = try await session.run(timeoutMilliseconds: timeoutMilliseconds, onAbandon: { _ in }) {
                () throws(KeyStoreError) in try blocking.openSession(options, pin: pin)
            }
            return LoadedSession(opened, thread: session, timeoutMilliseconds: timeoutMilliseconds)
        } catch {
            session.stop()
            throw error
        }
    }
}
