import Glibc
import KeyStoreCore
import KeyStorePlugin
import PIVKeyStore
import PKCS11KeyStore

/// What a program may do to a module or a card that it uses.
struct Hazards {
    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    let token: KeyStoreURI
    let key: KeyStoreURI
    private let host = RecordingHost()

    init(token: KeyStoreURI, key: KeyStoreURI) {
        self.token = token
        self.key = key
    }

    // MARK: Forking

    /// The parent goes on signing after a child was refused everything and ended.
    func fork() throws {
        let (store, session, key) = try open()
        try sign(key)
        let before = host.traceCount
        try inChild {
            try expectRefusal("sign") { () throws(KeyStoreError) in _ = try signature(key) }
            try expectRefusal("read the token") { () throws(KeyStoreError) in _ = try session.token }
            try expectRefusal("open a session") { () throws(KeyStoreError) in
                _ = try store.openSession(SessionOptions(), host: host)
            }
            try expectRefusal("list tokens") { () throws(KeyStoreError) in
                try store.forEachToken(all: false) { _ in true }
            }
            try expectRefusal("open a store") { () throws(KeyStoreError) in _ = try makeStore() }
            session.close()
            store.close()
            guard host.traceCount == before else { throw Unexpected(description: "the child called the module") }
        }
        try sign(key)
        session.close()
        store.close()
    }

    /// The parent goes on signing with its login after a child was refused its session, signed with one of its own, and ended.
    func forkWithSession() throws {
        let (store, session, key) = try open()
        try sign(key)
        let (calls, requests) = (host.traceCount, host.requestCount)
        try inChild {
            try expectRefusal("sign") { () throws(KeyStoreError) in _ = try signature(key) }
            try expectRefusal("find a key") { () throws(KeyStoreError) in _ = try session.key(at: self.key) }
            session.close()
            guard host.traceCount == calls else { throw Unexpected(description: "the child used the session") }
            let (ownStore, ownSession, ownKey) = try open()
            try sign(ownKey)
            // Its parent's login is not its own.
            guard host.requestCount > requests else { throw Unexpected(description: "the child gave no PIN") }
            ownSession.close()
            ownStore.close()
            store.close()
        }
        try sign(key)
        guard host.requestCount == requests else { throw Unexpected(description: "the parent's login is gone") }
        session.close()
        store.close()
    }

    /// A child of a process that has no store open begins with its own.
    func forkAfterClosing() throws {
        func use() throws {
            let (store, session, key) = try open()
            try sign(key)
            session.close()
            store.close()
        }
        try use()
        try inChild(use)
        try use()
    }

    private func inChild(_ body: () throws -> Void) throws {
        // Swift does not let a program call it.
        let fork = unsafeBitCast(dlsym(nil, "fork"), to: (@convention(c) () -> pid_t).self)
        let child = fork()
        if child == 0 {
            do {
                try body()
            } catch {
                Complaint.write("child: \(error)")
                exit(1)
            }
            // With the exit handlers of everything that is loaded.
            exit(0)
        }
        var status: Int32 = 0
        guard child > 0, waitpid(child, &status, 0) == child else {
            throw Unexpected(description: "fork: errno \(errno)")
        }
        guard status == 0 else { throw Unexpected(description: "the child ended with status \(status)") }
    }

    private func expectRefusal(_ what: String, _ body: () throws(KeyStoreError) -> Void) throws {
        do throws(KeyStoreError) {
            try body()
        } catch {
            guard error.code == .unsupportedOperation, error.message.contains("fork") else {
                throw Unexpected(description: "\(what): \(error)")
            }
            return
        }
        throw Unexpected(description: "\(what): was not refused")
    }

    // MARK: A server that ends

    /// Says "ready" and goes on when a line was read.
    func breakPipe() throws {
        signal(SIGPIPE, SIG_DFL)
        let (store, session, key) = try open()
        print("ready")
        fflush(nil)
        _ = readLine()
        for _ in 0..<3 {
            do throws(KeyStoreError) {
                _ = try signature(key)
            } catch {
                print("refused: \(error.code)")
                continue
            }
            throw Unexpected(description: "a signature came from a server that had ended")
        }
        var action = sigaction()
        sigaction(SIGPIPE, nil, &action)
        guard action.__sigaction_handler.sa_handler == nil else {
            throw Unexpected(description: "the signal is handled in another way than before")
        }
        session.close()
        store.close()
    }

    // MARK: The store

    private func makeStore() throws(KeyStoreError) -> any Backend {
        let request = OpenRequest(uri: token)
        return token.scheme == "piv"
            ? try PIVBackend(opening: request, host: host) : try PKCS11Backend(opening: request, host: host)
    }

    private func open() throws -> (any Backend, any BackendSession, any BackendKey) {
        let store = try makeStore()
        let session = try store.openSession(SessionOptions(isWritable: true, login: .atOnce), host: host)
        do throws(KeyStoreError) {
            return (store, session, try session.key(at: key))
        } catch {
            guard error.code == .noSuchKey else { throw error }
        }
        return (store, session, try session.generateKey(.ecP256, at: key))
    }

    private func sign(_ key: any BackendKey) throws {
        guard !(try signature(key)).isEmpty else { throw Unexpected(description: "an empty signature") }
    }

    private func signature(_ key: any BackendKey) throws(KeyStoreError) -> [UInt8] {
        try key.sign(UnsafeRawBufferPointer(Self.message), form: .message, using: .ecdsaP256SHA256)
    }

    // Lives as long as the process.
    nonisolated(unsafe) private static let message = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 32, alignment: 16)
}
