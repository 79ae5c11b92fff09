import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// A host that answers with PINs in order, the last one again and again, and with others for other kinds, and remembers what
/// it was asked and told.
final class MockHost: BackendHost, Sendable {
    private struct Record {
        var pins: [String]
        var requests: [PINRequest] = []
        var notices: [Notice] = []
    }

    private let record: Mutex<Record>
    private let others: [PINRequest.Kind: String]

    init(pins: [String] = ["123456"], others: [PINRequest.Kind: String] = [:]) {
        record = Mutex(Record(pins: pins))
        self.others = others
    }

    var requests: [PINRequest] { record.withLock { $0.requests } }
    var notices: [Notice] { record.withLock { $0.notices } }

    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN {
        let pin = record.withLock { (record) -> String? in
            record.requests.append(request)
            if let other = others[request.kind] { return other }
            return record.pins.count > 1 ? record.pins.removeFirst() : record.pins.first
        }
        guard let pin else { throw KeyStoreError(.pinRequired, "no PIN in this test") }
        return try PIN(pin)
    }

    func allowLibrary(_ path: String, origin: LibraryOrigin) throws(KeyStoreError) {}

    func notice(_ notice: Notice) { record.withLock { $0.notices.append(notice) } }
}
