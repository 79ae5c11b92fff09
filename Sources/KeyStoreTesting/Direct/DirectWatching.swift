import KeyStoreCore
import KeyStorePlugin

/// A backend's watch, waited for on the thread of whoever iterates.
struct DirectWatching: TokenWatching {
    let store: DirectKeyStore

    func tokenEvents() -> AsyncThrowingStream<TokenEvent, any Error> {
        let watch = OpenWatch(store)
        return AsyncThrowingStream { try watch.next() }
    }
}

/// The watch of one iteration, opened when the first event is wanted. One call at a time, as the stream makes them.
private final class OpenWatch: @unchecked Sendable {
    private let store: DirectKeyStore
    private var watch: (any BackendTokenWatch)?
    private var events: [TokenEvent] = []

    init(_ store: DirectKeyStore) { self.store = store }

    deinit { watch?.close() }

    /// The next event; nil once the task was cancelled.
    func next() throws -> TokenEvent? {
        if watch == nil {
            watch = try store.use { (backend: any WatchingBackend) throws(KeyStoreError) in try backend.makeWatch() }
        }
        while events.isEmpty {
            if Task.isCancelled { return nil }
            try watch?.wait(timeoutMilliseconds: 100) { events.append($0) }
        }
        return events.removeFirst()
    }
}
