import CKeyStore
import KeyStoreBridge
public import KeyStoreCore
import Synchronization

/// A session whose calls block the calling thread. May be used from several threads; calls on one session and its keys wait
/// for each other. It closes when nobody holds it or a key of it any more.
public final class BlockingSession: Sendable {
    /// The token; a backend without tokens describes itself.
    public let token: TokenInfo
    /// The store that the session is on.
    public let store: BlockingKeyStore

    private let host: HostContext
    private let state: Mutex<State>
    /// Keys that nobody holds any more and that are still open, because a call was running when they were let go.
    private let discarded = Mutex<[UncheckedPointer]>([])

    /// The plugin's objects, used under the lock only.
    struct State: @unchecked Sendable {
        /// nil once the session was closed.
        var session: UnsafeMutableRawPointer?
        /// The keys to close before the session, each as often as the plugin handed it out.
        var keys: [UnsafeMutableRawPointer: Int] = [:]
        let error = ErrorStorage()
        /// One for all signatures, which saves an allocation for each.
        let signature = Emission(limit: 2048)
    }

    var table: keystore_plugin { store.library.table.pointer.pointee }

    init(store: BlockingKeyStore, session: UnsafeMutableRawPointer, host: HostContext) throws(KeyStoreError) {
        self.store = store
        self.host = host
        let error = ErrorStorage()
        let table = store.library.table.pointer.pointee
        let emission = TokenEmission()
        let status = table.session_token(session, TokenEmission.sink, emission.context, error.pointer)
        guard status == KEYSTORE_OK, emission.failure == nil, emission.tokens.count == 1 else {
            let reason =
                emission.failure
                ?? (status == KEYSTORE_OK
                    ? KeyStoreError(.invalidReply, "the plugin does not say which token a session is on")
                    : error.take(status: status))
            table.close_session(session)
            store.sessionClosed()
            throw reason.during("read token", of: store.uri.text)
        }
        token = emission.tokens[0]
        state = Mutex(State(session: session))
    }

    deinit { close() }

    /// Closes the session. Its keys throw `cancelled` from then on.
    public func close() {
        let isClosedNow = state.withLock { state in
            guard let session = state.session else { return false }
            state.session = nil
            for (key, count) in state.keys {
                for _ in 0..<count { table.close_key(key) }
            }
            state.keys = [:]
            table.close_session(session)
            return true
        }
        if isClosedNow { store.sessionClosed() }
    }

    /// Closes a key that nobody holds any more: at once if the session is free, else before its next call. Never waits,
    /// because whoever lets go of a key last may be a task that must not, or the running call itself.
    func discard(_ key: UncheckedPointer) {
        discarded.withLock { $0.append(key) }
        _ = state.withLockIfAvailable { closeDiscarded(&$0) }
    }

    private func closeDiscarded(_ state: inout State) {
        let keys = discarded.withLock { keys in
            defer { keys = [] }
            return keys
        }
        for key in keys {
            // A session that was closed has closed its keys.
            guard let count = state.keys[key.pointer] else { continue }
            state.keys[key.pointer] = count > 1 ? count - 1 : nil
            table.close_key(key.pointer)
        }
    }

    /// Uses the open session, alone. Throws `cancelled` once it was closed.
    func use<Result: Sendable>(
        _ operation: String, _ body: (inout State, UnsafeMutableRawPointer) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        try state.withLock { (state) throws(KeyStoreError) in try use(&state, operation, body) }
    }

    /// The same if no call is running on the session; nil otherwise.
    func useIfFree<Result: Sendable>(
        _ operation: String, _ body: (inout State, UnsafeMutableRawPointer) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result? {
        try state.withLockIfAvailable { (state) throws(KeyStoreError) in try use(&state, operation, body) }
    }

    private func use<Result: Sendable>(
        _ state: inout State, _ operation: String,
        _ body: (inout State, UnsafeMutableRawPointer) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        closeDiscarded(&state)
        guard let session = state.session else {
            throw KeyStoreError(.cancelled, "the session was closed", operation: operation, subject: store.uri.text)
        }
        return try body(&state, session)
    }

    /// Calls `body` with every key that the URI matches, or every key for nil, until it answers false. The session is held
    /// meanwhile: `body` must not use it.
    public func forEachKey(
        matching uri: KeyStoreURI? = nil, _ body: (KeyInfo) -> Bool
    ) throws(KeyStoreError) {
        try call("list keys", uri) { (state, session, bytes) throws(KeyStoreError) in
            let error = state.error.pointer
            return try withoutActuallyEscaping(body) { (body) throws(KeyStoreError) in
                let emission = KeyEmission(body: body)
                let status = table.list_keys(session, bytes, KeyEmission.sink, emission.context, error)
                if let failure = emission.failure { throw failure }
                return status
            }
        }
    }

    /// The keys that the URI matches, or all of them for nil.
    public func keys(matching uri: KeyStoreURI? = nil) throws(KeyStoreError) -> [KeyInfo] {
        var keys: [KeyInfo] = []
        try forEachKey(matching: uri) { key in
            keys.append(key)
            return true
        }
        return keys
    }

    /// Finds the one private key that the URI matches, logging in if that is needed.
    public func key(at uri: KeyStoreURI) throws(KeyStoreError) -> BlockingKey {
        try takeKey("find key", uri) { session, error, bytes, key, sink, context in
            table.find_key(session, bytes, key, sink, context, error)
        }
    }

    /// The public key of the one key that the URI matches, without a login where that can be.
    public func publicKey(at uri: KeyStoreURI) throws(KeyStoreError) -> PublicKey {
        let emission = Emission(limit: PublicKey.maximumLength)
        try call("find public key", uri) { (state, session, bytes) throws(KeyStoreError) in
            table.find_public_key(session, bytes, Emission.sink, emission.context, state.error.pointer)
        }
        do {
            return try PublicKey(der: try emission.single("a public key"))
        } catch {
            throw error.during("find public key", of: uri.text)
        }
    }

    /// Makes a key for the given use, with the label and id that the URI gives. Never overwrites.
    public func generateKey(
        _ type: KeyType, purpose: KeyPurpose = .sign, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> BlockingKey {
        try demand(purpose, "generate key", uri)
        let key = try takeKey("generate key", uri) { session, error, bytes, key, sink, context in
            var request = keystore_generate_request()
            request.size = UInt32(MemoryLayout<keystore_generate_request>.size)
            (request.type, request.bits) = KeyType?.some(type).boundaryNumbers
            // Plugins that are older than purposes find their reserved field empty.
            request.purpose = purpose == .sign ? 0 : purpose.rawValue
            request.uri = bytes
            return table.generate_key(session, &request, key, sink, context, error)
        }
        try demand(type, of: key, at: uri)
        return key
    }

    /// Throws for a key of another type than the one that was asked for.
    func demand(_ type: KeyType, of key: BlockingKey, at uri: KeyStoreURI) throws(KeyStoreError) {
        guard key.info.type == type else {
            throw KeyStoreError(
                .invalidReply, "a key of type \(type) was asked for, and the plugin made another",
                operation: "generate key", subject: uri.text)
        }
    }

    /// Throws for a purpose that the plugin's keys do not have. One that is older than purposes would make a key all the same.
    func demand(_ purpose: KeyPurpose, _ operation: String, _ uri: KeyStoreURI) throws(KeyStoreError) {
        var possible = KeyPurpose.sign
        if store.library.table.decrypting != nil { possible.insert(.decrypt) }
        if store.library.table.agreeing != nil { possible.insert(.agree) }
        guard !purpose.isEmpty, purpose.isSubset(of: possible) else {
            let names = purpose.subtracting(possible).names
            throw KeyStoreError(
                .unsupportedMechanism,
                names.isEmpty
                    ? "the plugin's keys do not serve this purpose"
                    : "no key of this backend is for this: \(names.joined(separator: ", "))",
                operation: operation, subject: uri.text)
        }
    }

    /// Runs one call of the plugin with the session, and turns its status into an error.
    func call(
        _ operation: String, _ uri: KeyStoreURI?,
        _ body: (inout State, UnsafeMutableRawPointer, keystore_bytes) throws(KeyStoreError) -> Int32
    ) throws(KeyStoreError) {
        try use(operation) { (state, session) throws(KeyStoreError) in
            var text = uri?.text ?? ""
            let outcome: Result<Int32, KeyStoreError> = text.withUTF8 { utf8 in
                do throws(KeyStoreError) {
                    return .success(try body(&state, session, keystore_bytes(UnsafeRawBufferPointer(utf8))))
                } catch {
                    return .failure(error)
                }
            }
            let subject = uri?.text ?? store.uri.text
            switch outcome {
            case .success(KEYSTORE_OK): return
            case .success(let status): throw state.error.take(status: status).during(operation, of: subject)
            case .failure(let error): throw error.during(operation, of: subject)
            }
        }
    }

    typealias KeyCall = (
        UnsafeMutableRawPointer, UnsafeMutablePointer<keystore_error>, keystore_bytes,
        UnsafeMutablePointer<UnsafeMutableRawPointer?>, keystore_key_sink, UnsafeMutableRawPointer
    ) -> Int32

    /// Runs a call that returns a key with its description, and checks both.
    func takeKey(_ operation: String, _ uri: KeyStoreURI, _ body: KeyCall) throws(KeyStoreError) -> BlockingKey {
        var taken: (key: UncheckedPointer, info: KeyInfo)?
        try call(operation, uri) { (state, session, bytes) throws(KeyStoreError) in
            var key: UnsafeMutableRawPointer?
            var infos: [KeyInfo] = []
            var failure: KeyStoreError?
            let error = state.error.pointer
            let status = withoutActuallyEscaping({ (info: KeyInfo) in
                infos.append(info)
                return infos.count < 2
            }) { collect in
                let emission = KeyEmission(body: collect)
                let status = body(session, error, bytes, &key, KeyEmission.sink, emission.context)
                failure = emission.failure
                return status
            }
            if let failure {
                if let key { table.close_key(key) }
                throw failure
            }
            // A call that failed has handed out no object.
            guard status == KEYSTORE_OK else { return status }
            guard let key, infos.count == 1 else {
                if let key { table.close_key(key) }
                throw KeyStoreError(.invalidReply, "the plugin returned a key without describing it once")
            }
            // Under the same lock: a session that is closed now closes this key too.
            state.keys[key, default: 0] += 1
            taken = (UncheckedPointer(key), infos[0])
            return status
        }
        guard let taken else {
            throw KeyStoreError(.invalidReply, "the plugin returned no key", operation: operation, subject: uri.text)
        }
        return BlockingKey(session: self, key: taken.key, info: taken.info)
    }
}
