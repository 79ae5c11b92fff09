/// A place where private keys live: a token, an HSM, a folder. Opened with a URI, which may name a key in it too.
///
/// Calls block no thread of Swift's cooperative pool; each session has a thread of its own where the backend waits for
/// hardware. A store stays usable after a failed call.
public protocol KeyStore: Sendable {
    /// The backend that serves this store.
    var backend: BackendInfo { get }

    /// The URI that the store was opened with, in its plugin's normal form and without secrets.
    var uri: KeyStoreURI { get }

    /// The tokens that the store's URI matches, with empty and uninitialised ones only where `all` is set. Logs in nowhere.
    func tokens(all: Bool) async throws(KeyStoreError) -> [TokenInfo]

    /// Opens a session on the one token that the store's URI matches. Two matching tokens are an error, never a choice, and
    /// no PIN is sent then. The PIN source is asked when the first operation needs a login, unless the options say when.
    func openSession(_ options: SessionOptions, pin: PINSource) async throws(KeyStoreError) -> any KeyStoreSession

    /// Opens a session, runs `body` on the session's own thread, and closes it. What `body` awaits of the session switches
    /// no thread, so that a signature costs what it costs the backend. For the same reason a call made in `body` cannot be
    /// given up while the device is silent, and no time limit holds for it. Do not keep the session beyond the call.
    func withSession<Result: Sendable>(
        _ options: SessionOptions, pin: PINSource,
        _ body: @concurrent @Sendable (any KeyStoreSession) async throws -> Result
    ) async throws -> Result

    /// Making tokens ready and looking after their PINs, or nil where the backend cannot.
    var administration: (any TokenAdministering)? { get }
    /// Being told when tokens come and go, or nil where the backend cannot.
    var watching: (any TokenWatching)? { get }

    /// Closes the store: it opens no more sessions. Those that are open stay usable; the last one to end releases what the
    /// store holds, a login that the process shares among it.
    func close() async
}

extension KeyStore {
    /// Nil: a backend need not have it.
    public var administration: (any TokenAdministering)? { nil }
    /// Nil: a backend need not have it.
    public var watching: (any TokenWatching)? { nil }

    /// Opens a session with the usual options.
    public func openSession(pin: PINSource) async throws(KeyStoreError) -> any KeyStoreSession {
        try await openSession(SessionOptions(), pin: pin)
    }

    /// Runs `body` with a session that has the usual options.
    public func withSession<Result: Sendable>(
        pin: PINSource, _ body: @concurrent @Sendable (any KeyStoreSession) async throws -> Result
    ) async throws -> Result {
        try await withSession(SessionOptions(), pin: pin, body)
    }

    /// The initialised tokens that the store's URI matches.
    public func tokens() async throws(KeyStoreError) -> [TokenInfo] { try await tokens(all: false) }
}
