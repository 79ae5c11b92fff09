import CKeyStore
import KeyStoreBridge
public import KeyStoreCore
import Synchronization

/// An open store whose calls block the calling thread. For callers that own a thread: command lines, C facades. Others use
/// `KeyStore`. May be used from several threads; calls on one store wait for each other.
public final class BlockingKeyStore: Sendable {
    /// The backend that serves this store.
    public var backend: BackendInfo { library.info }
    /// The URI that the store was opened with, normalised and without secrets.
    public let uri: KeyStoreURI

    let library: PluginLibrary
    private let host: HostContext
    private let policy: LibraryPolicy
    private let onNotice: @Sendable (Notice) -> Void
    private let state: Mutex<State>

    /// The plugin's object, used under the lock only.
    private struct State: @unchecked Sendable {
        /// nil once the plugin's object was closed, which happens after its last session.
        var store: UnsafeMutableRawPointer?
        var openSessions = 0
        var isClosed = false
        let error = ErrorStorage()
    }

    init(
        library: PluginLibrary, request: OpenRequest, description: URIInfo, policy: LibraryPolicy,
        onNotice: @escaping @Sendable (Notice) -> Void
    ) throws(KeyStoreError) {
        self.library = library
        self.policy = policy
        self.onNotice = onNotice
        uri = description.normalised
        let host = HostContext(pin: .none, policy: policy, onNotice: onNotice)
        self.host = host
        for warning in description.warnings { onNotice(.warning(warning)) }
        let table = library.table.pointer.pointee
        let error = ErrorStorage()
        var store: UnsafeMutableRawPointer?
        let status = request.withC { table.open_store(table.plugin, $0, host.pointer, &store, error.pointer) }
        guard status == KEYSTORE_OK else {
            throw error.take(status: status).during("open store", of: request.uri.text)
        }
        guard let store else {
            throw KeyStoreError(.invalidReply, "the plugin opened a store and returned none", operation: "open store")
        }
        state = Mutex(State(store: store))
    }

    deinit { close() }

    /// Closes the store: it opens no more sessions, and what it holds is released with the last one. A login that the
    /// process shares ends then, for example. A store that nobody holds any more closes by itself.
    public func close() {
        state.withLock { state in
            state.isClosed = true
            releaseIfUnused(&state)
        }
    }

    /// Told by a session when it has closed.
    func sessionClosed() {
        state.withLock { state in
            state.openSessions -= 1
            releaseIfUnused(&state)
        }
    }

    private func releaseIfUnused(_ state: inout State) {
        guard state.isClosed, state.openSessions == 0, let store = state.store else { return }
        state.store = nil
        library.table.pointer.pointee.close_store(store)
    }

    /// The plugin's object. Throws `cancelled` for a store that was closed.
    private func opened(_ state: State, _ operation: String) throws(KeyStoreError) -> UnsafeMutableRawPointer {
        guard !state.isClosed, let store = state.store else {
            throw KeyStoreError(.cancelled, "the store was closed", operation: operation, subject: uri.text)
        }
        return store
    }

    /// The tokens that the store's URI matches, with empty and uninitialised ones only where `all` is set.
    public func tokens(all: Bool = false) throws(KeyStoreError) -> [TokenInfo] {
        try state.withLock { (state) throws(KeyStoreError) in
            let emission = TokenEmission()
            let status = library.table.pointer.pointee.list_tokens(
                try opened(state, "list tokens"), all ? 1 : 0, TokenEmission.sink, emission.context, state.error.pointer
            )
            if let failure = emission.failure { throw failure.during("list tokens", of: uri.text) }
            guard status == KEYSTORE_OK else {
                throw state.error.take(status: status).during("list tokens", of: uri.text)
            }
            return emission.tokens
        }
    }

    /// Opens a session on the one token that the store's URI matches.
    public func openSession(
        _ options: SessionOptions = SessionOptions(), pin: PINSource
    ) throws(KeyStoreError) -> BlockingSession {
        let host = HostContext(pin: pin, policy: policy, onNotice: onNotice)
        let session = try state.withLock { (state) throws(KeyStoreError) in
            var session: UnsafeMutableRawPointer?
            let status = library.table.pointer.pointee.open_session(
                try opened(state, "open session"), options.boundaryFlags, host.pointer, &session, state.error.pointer)
            guard status == KEYSTORE_OK else {
                throw state.error.take(status: status).during("open session", of: uri.text)
            }
            guard let session else {
                throw KeyStoreError(
                    .invalidReply, "the plugin opened a session and returned none", operation: "open session")
            }
            state.openSessions += 1
            return UncheckedPointer(session)
        }
        return try BlockingSession(store: self, session: session.pointer, host: host)
    }
}
