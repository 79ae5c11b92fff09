public import KeyStoreCore
public import KeyStorePlugin
import Synchronization

/// A backend as callers see it, without a library and without the C table between them: for tests that ask whether a fault
/// is the backend's or the boundary's. Calls are made on the caller's thread.
public final class DirectKeyStore: KeyStore {
    /// What the backend says of itself.
    public let backend: BackendInfo
    /// The URI that the store was opened with, in its normal form.
    public let uri: KeyStoreURI
    private let opened: Guarded<any Backend>
    private let host: DirectHost
    private let isClosed = Mutex(false)

    /// Opens a store. Every library that the backend wants to load is allowed.
    public init<BackendType: Backend>(
        _ type: BackendType.Type, opening request: OpenRequest,
        onNotice: @escaping @Sendable (Notice) -> Void = { _ in }
    ) throws(KeyStoreError) {
        backend = type.info
        let host = DirectHost(pin: .none, onNotice: onNotice)
        let description = try type.describe(request.uri)
        for warning in description.warnings { onNotice(.warning(warning)) }
        uri = description.normalised
        opened = Guarded(try BackendType(opening: request, host: host))
        self.host = host
    }

    deinit { opened.use { $0.close() } }

    /// The tokens that the store's URI matches.
    public func tokens(all: Bool) async throws(KeyStoreError) -> [TokenInfo] {
        try requireOpen()
        return try opened.use { (backend) throws(KeyStoreError) in
            var tokens: [TokenInfo] = []
            try backend.forEachToken(all: all) { token in
                tokens.append(token)
                return true
            }
            return tokens
        }
    }

    /// Opens a session.
    public func openSession(
        _ options: SessionOptions, pin: PINSource
    ) async throws(KeyStoreError) -> any KeyStoreSession {
        try requireOpen()
        let host = DirectHost(pin: pin, onNotice: host.onNotice)
        let session = try opened.use { (backend) throws(KeyStoreError) in
            Guarded(try backend.openSession(options, host: host))
        }
        return try DirectSession(store: self, session: session, host: host)
    }

    /// Runs the body with a session, on the caller's thread.
    public func withSession<Result: Sendable>(
        _ options: SessionOptions, pin: PINSource,
        _ body: @concurrent @Sendable (any KeyStoreSession) async throws -> Result
    ) async throws -> Result {
        let session = try await openSession(options, pin: pin)
        let result = try await body(session)
        await session.close()
        return result
    }

    /// What the backend does with tokens as a whole.
    public var administration: (any TokenAdministering)? {
        backend.abilities.contains(.administering) ? DirectAdministration(store: self) : nil
    }

    /// The backend's looking for tokens that come and go.
    public var watching: (any TokenWatching)? {
        backend.abilities.contains(.watching) ? DirectWatching(store: self) : nil
    }

    /// Uses the open backend as one with an ability.
    func use<Able, Result>(_ body: (Able) throws(KeyStoreError) -> Result) throws(KeyStoreError) -> Result {
        try requireOpen()
        return try opened.use { (backend) throws(KeyStoreError) in
            guard let backend = backend as? Able else {
                throw KeyStoreError(.unsupportedOperation, "the backend declares an ability that it lacks")
            }
            return try body(backend)
        }
    }

    /// A host that asks the source, for one call.
    func makeHost(pin: PINSource) -> any BackendHost { DirectHost(pin: pin, onNotice: host.onNotice) }

    /// Closes the store: it opens no more sessions. The backend is closed when nobody holds the store or a session any more.
    public func close() async { isClosed.withLock { $0 = true } }

    private func requireOpen() throws(KeyStoreError) {
        guard !isClosed.withLock({ $0 }) else {
            throw KeyStoreError(.cancelled, "the store was closed", subject: uri.text)
        }
    }
}
