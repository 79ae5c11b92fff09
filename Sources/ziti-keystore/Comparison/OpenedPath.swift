import KeyStoreCore
import KeyStoreLoader

/// A path that leads to its key now, and how long each step took in nanoseconds.
struct OpenedPath: Sendable {
    let path: ComparisonPath
    let session: BlockingSession
    let key: BlockingKey
    let times: KeySteps<Int>

    /// Opens the path step by step. `afterStep` is called after each, outside of what is measured.
    init(
        _ path: ComparisonPath, pin: PINSource, afterStep: () -> Void = {},
        openStore: () throws(KeyStoreError) -> BlockingKeyStore
    ) throws(KeyStoreError) {
        let start = ContinuousClock.now
        let store = try openStore()
        let opened = Self.nanoseconds(since: start)
        // Whoever holds the session holds the store; it closes with it.
        defer { store.close() }
        afterStep()
        let beforeLogin = ContinuousClock.now
        let session = try store.openSession(SessionOptions(login: .atOnce), pin: pin)
        let loggedIn = Self.nanoseconds(since: beforeLogin)
        afterStep()
        let beforeSearch = ContinuousClock.now
        let key: BlockingKey
        do throws(KeyStoreError) {
            key = try session.key(at: path.reference)
        } catch {
            session.close()
            throw error
        }
        let found = Self.nanoseconds(since: beforeSearch)
        afterStep()
        self.path = path
        self.session = session
        self.key = key
        times = KeySteps(open: opened, login: loggedIn, find: found)
    }

    /// How long one signature takes.
    func signingTime(_ message: [UInt8], _ algorithm: SignatureAlgorithm) throws(KeyStoreError) -> Int {
        let start = ContinuousClock.now
        _ = try key.sign(.message(message), using: algorithm)
        return Self.nanoseconds(since: start)
    }

    func close() { session.close() }

    private static func nanoseconds(since start: ContinuousClock.Instant) -> Int {
        let parts = (ContinuousClock.now - start).components
        return Int(parts.seconds) * 1_000_000_000 + Int(parts.attoseconds / 1_000_000_000)
    }
}
