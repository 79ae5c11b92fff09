import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// A host that answers with fixed secrets and remembers what it was asked and told.
final class TestHost: BackendHost, @unchecked Sendable {
    // Set before the host is used, by the test's thread.
    var answers: [PINRequest.Kind: String] = [.pin: "123456", .contextPIN: "123456", .puk: "12345678"]
    /// Called before each answer.
    var onSecret: ((PINRequest) -> Void)?

    private struct State {
        var requests: [PINRequest] = []
        var notices: [Notice] = []
        var lines: [String] = []
    }
    private let state = Mutex(State())

    var requests: [PINRequest] { state.withLock { $0.requests } }
    var notices: [Notice] { state.withLock { $0.notices } }
    var lines: [String] { state.withLock { $0.lines } }

    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN {
        state.withLock { $0.requests.append(request) }
        onSecret?(request)
        guard let answer = answers[request.kind] else {
            throw KeyStoreError(.pinRequired, "the test has no \(request.kind.words)")
        }
        return try PIN(answer)
    }

    func allowLibrary(_ path: String, origin: LibraryOrigin) throws(KeyStoreError) {}

    func notice(_ notice: Notice) { state.withLock { $0.notices.append(notice) } }

    var trace: (@Sendable (String) -> Void)? {
        { [weak self] line in self?.state.withLock { $0.lines.append(line) } }
    }
}
