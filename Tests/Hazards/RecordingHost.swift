import Glibc
import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// A host with the PIN of the environment, which counts the native calls that it is told of.
final class RecordingHost: BackendHost, Sendable {
    private let lines = Atomic(0)
    private let requests = Atomic(0)

    /// How many lines about native calls there were.
    var traceCount: Int { lines.load(ordering: .relaxed) }

    /// How often it was asked for the PIN.
    var requestCount: Int { requests.load(ordering: .relaxed) }

    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN {
        requests.add(1, ordering: .relaxed)
        guard let pin = getenv("HAZARDS_PIN") else { throw KeyStoreError(.pinRequired, "no PIN") }
        return try PIN(String(cString: pin))
    }

    func allowLibrary(_ path: String, origin: LibraryOrigin) {}

    func notice(_ notice: Notice) {}

    var trace: (@Sendable (String) -> Void)? {
        { _ in _ = self.lines.add(1, ordering: .relaxed) }
    }
}
