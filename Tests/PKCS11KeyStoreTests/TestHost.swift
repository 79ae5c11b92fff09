import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// A host that answers with one PIN and remembers what it was asked and told.
final class TestHost: BackendHost, Sendable {
    private struct Record {
        var requests: [PINRequest] = []
        var notices: [Notice] = []
        var libraries: [(path: String, origin: LibraryOrigin)] = []
        var lines: [String] = []
    }

    private let pin: String?
    private let others: [PINRequest.Kind: String]
    private let traces: Bool
    private let refusesLibraries: Bool
    private let record = Mutex(Record())

    /// `others` are the answers to requests for other secrets than the PIN.
    init(
        pin: String? = nil, others: [PINRequest.Kind: String] = [:], refusesLibraries: Bool = false,
        traces: Bool = false
    ) {
        self.pin = pin
        self.others = others
        self.traces = traces
        self.refusesLibraries = refusesLibraries
    }

    var requests: [PINRequest] { record.withLock { $0.requests } }
    var notices: [Notice] { record.withLock { $0.notices } }
    var libraries: [(path: String, origin: LibraryOrigin)] { record.withLock { $0.libraries } }
    /// What was told of native calls.
    var lines: [String] { record.withLock { $0.lines } }

    var trace: (@Sendable (String) -> Void)? {
        guard traces else { return nil }
        return { line in self.record.withLock { $0.lines.append(line) } }
    }

    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN {
        record.withLock { $0.requests.append(request) }
        guard let pin = others[request.kind] ?? pin else { throw KeyStoreError(.pinRequired, "no PIN in this test") }
        return try PIN(pin)
    }

    func allowLibrary(_ path: String, origin: LibraryOrigin) throws(KeyStoreError) {
        record.withLock { $0.libraries.append((path, origin)) }
        if refusesLibraries { throw KeyStoreError(.untrustedLibrary, "not in this test") }
    }

    func notice(_ notice: Notice) {
        record.withLock { $0.notices.append(notice) }
    }
}
