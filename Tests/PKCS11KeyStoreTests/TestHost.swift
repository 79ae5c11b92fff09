import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// A host that answers with one PIN and remembers what it was asked and told.
final class TestHost: BackendHost, Sendable {
    private struct Record {
        var requests: [PINRequest] = []
        var notices: [Notice] = []
        var libraries: [(path: String, origin: LibraryOrigin)] = []
    }

    private let pin: String?
    private let refusesLibraries: Bool
    private let record = Mutex(Record())

    init(pin: String? = nil, refusesLibraries: Bool = false) {
        self.pin = pin
        self.refusesLibraries = refusesLibraries
    }

    var requests: [PINRequest] { record.withLock { $0.requests } }
    var notices: [Notice] { record.withLock { $0.notices } }
    var libraries: [(path: String, origin: LibraryOrigin)] { record.withLock { $0.libraries } }

    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN {
        record.withLock { $0.requests.append(request) }
        guard let pin else { throw KeyStoreError(.pinRequired, "no PIN in this test") }
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
