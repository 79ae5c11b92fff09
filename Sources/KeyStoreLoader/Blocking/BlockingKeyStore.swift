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
    private let listener: HostListener
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
        listener: HostListener
    ) throws(KeyStoreError) {
        self.library = library
        self.policy = policy
        self.listener = listener
        uri = description.normalised
        let host = HostContext(pin: .none, policy: policy, listener: listener)
        self.host = host
        for warning in description.warnings { listener.onNotice(.warning(warning)) }
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

    /// Told by a session or watch when it has closed.
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

    /// Initialises the one token that the store's URI matches, which destroys everything on it.
    public func initialiseToken(label: String, pin: PINSource) throws(KeyStoreError) -> TokenInfo {
        let emission = TokenEmission()
        try administer(pin, "initialise token", \.init_token) { initialise, store, host, error in
            withBytes(of: label) {
                initialise(store, $0, host, TokenEmission.sink, emission.context, error)
            }
        }
        if let failure = emission.failure { throw failure.during("initialise token", of: uri.text) }
        guard emission.tokens.count == 1 else {
            throw KeyStoreError(
                .invalidReply, "the plugin initialised a token and did not describe it", operation: "initialise token")
        }
        return emission.tokens[0]
    }

    /// As the security officer, sets the user PIN.
    public func setPIN(pin: PINSource) throws(KeyStoreError) {
        try administer(pin, "set PIN", \.set_pin) { set, store, host, error in set(store, host, error) }
    }

    /// Changes a PIN, given the old one.
    public func changePIN(of user: TokenUser, pin: PINSource) throws(KeyStoreError) {
        try administer(pin, "change PIN", \.change_pin) { change, store, host, error in
            change(store, user.rawValue, host, error)
        }
    }

    /// As the security officer, or with the PUK where the token has one, sets a new user PIN in place of a locked one.
    public func unblockPIN(pin: PINSource) throws(KeyStoreError) {
        try administer(pin, "unblock PIN", \.unblock_pin) { unblock, store, host, error in
            unblock(store, host, error)
        }
    }

    /// Sets how many wrong PINs and PUKs in a row lock them. A token may set both to the ones everybody knows by it.
    public func setRetries(pinTries: Int, pukTries: Int, pin: PINSource) throws(KeyStoreError) {
        guard let pinTries = UInt32(exactly: pinTries), let pukTries = UInt32(exactly: pukTries) else {
            throw KeyStoreError(.invalidData, "a number of tries cannot be set", operation: "set tries")
        }
        try administer(pin, "set tries", \.set_retries, "does not set how often a PIN can be tried") {
            set, store, host, error in set(store, pinTries, pukTries, host, error)
        }
    }

    /// Brings the token back to the state it was sold in, which destroys everything on it.
    public func reset(pin: PINSource) throws(KeyStoreError) -> TokenInfo {
        let emission = TokenEmission()
        try administer(pin, "reset token", \.reset, "does not reset tokens") { reset, store, host, error in
            reset(store, host, TokenEmission.sink, emission.context, error)
        }
        if let failure = emission.failure { throw failure.during("reset token", of: uri.text) }
        guard emission.tokens.count == 1 else {
            throw KeyStoreError(
                .invalidReply, "the plugin reset a token and did not describe it", operation: "reset token")
        }
        return emission.tokens[0]
    }

    /// Changes the management key to one for the given cipher; nil for the present one's.
    public func changeManagementKey(algorithm: String?, pin: PINSource) throws(KeyStoreError) {
        try administer(pin, "change management key", \.change_management_key, "has no management keys") {
            change, store, host, error in
            withBytes(of: algorithm ?? "") { change(store, $0, host, error) }
        }
    }

    private func administer<Function>(
        _ pin: PINSource, _ operation: String, _ function: KeyPath<keystore_administration_v1, Function?>,
        _ lack: String = "does not look after tokens",
        _ body: (
            Function, UnsafeMutableRawPointer, UnsafePointer<keystore_host>, UnsafeMutablePointer<keystore_error>
        ) -> Int32
    ) throws(KeyStoreError) {
        guard let function = library.table.administering?.pointee[keyPath: function] else {
            throw KeyStoreError(
                .unsupportedOperation, "the backend '\(backend.name)' \(lack)", operation: operation, subject: uri.text)
        }
        let host = HostContext(pin: pin, policy: policy, listener: listener)
        try withExtendedLifetime(host) { () throws(KeyStoreError) in
            try state.withLock { (state) throws(KeyStoreError) in
                let status = body(function, try opened(state, operation), host.pointer, state.error.pointer)
                guard status == KEYSTORE_OK else {
                    throw state.error.take(status: status).during(operation, of: uri.text)
                }
            }
        }
    }

    /// Begins to watch for tokens that the store's URI matches.
    public func makeWatch() throws(KeyStoreError) -> BlockingTokenWatch {
        guard let table = library.table.watching?.pointee, let open = table.open, table.wait != nil, table.close != nil
        else {
            throw KeyStoreError(
                .unsupportedOperation, "the backend '\(backend.name)' does not tell when tokens come and go",
                operation: "watch tokens", subject: uri.text)
        }
        let watch = try state.withLock { (state) throws(KeyStoreError) in
            var watch: UnsafeMutableRawPointer?
            let status = open(try opened(state, "watch tokens"), &watch, state.error.pointer)
            guard status == KEYSTORE_OK else {
                throw state.error.take(status: status).during("watch tokens", of: uri.text)
            }
            guard let watch else {
                throw KeyStoreError(
                    .invalidReply, "the plugin began to watch and returned nothing", operation: "watch tokens")
            }
            // It holds the store open as a session does.
            state.openSessions += 1
            return UncheckedPointer(watch)
        }
        return BlockingTokenWatch(store: self, watch: watch, table: table)
    }

    /// Opens a session on the one token that the store's URI matches.
    public func openSession(
        _ options: SessionOptions = SessionOptions(), pin: PINSource
    ) throws(KeyStoreError) -> BlockingSession {
        let host = HostContext(pin: pin, policy: policy, listener: listener)
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
