import CKeyStore
import KeyStoreBridge
public import KeyStoreCore
import Synchronization

/// Tells when tokens come and go, to a caller that owns a thread. One wait at a time; others wait for it. Closes when nobody
/// holds it any more.
public final class BlockingTokenWatch: Sendable {
    private let store: BlockingKeyStore
    private let state: Mutex<State>

    /// The plugin's object, used under the lock only.
    private struct State: @unchecked Sendable {
        /// nil once the watch was closed.
        var watch: UnsafeMutableRawPointer?
        let table: keystore_watch_v1
        let error = ErrorStorage()
    }

    init(store: BlockingKeyStore, watch: UncheckedPointer, table: keystore_watch_v1) {
        self.store = store
        state = Mutex(State(watch: watch.pointer, table: table))
    }

    deinit { close() }

    /// Waits for changes, for so many milliseconds at most, and returns them: none when the time is over. The first call
    /// returns the tokens that are there, as inserted, at once. Throws `cancelled` for a watch that was closed.
    public func wait(milliseconds: UInt32) throws(KeyStoreError) -> [TokenEvent] {
        try state.withLock { (state) throws(KeyStoreError) in
            guard let watch = state.watch, let wait = state.table.wait else {
                throw KeyStoreError(
                    .cancelled, "the watch was closed", operation: "watch tokens", subject: store.uri.text)
            }
            let emission = TokenEventEmission()
            let status = wait(
                watch, milliseconds, TokenEventEmission.sink, emission.context, state.error.pointer)
            if let failure = emission.failure { throw failure.during("watch tokens", of: store.uri.text) }
            guard status == KEYSTORE_OK else {
                throw state.error.take(status: status).during("watch tokens", of: store.uri.text)
            }
            return emission.events
        }
    }

    /// Ends the watch, after a wait that is under way.
    public func close() {
        let isClosedNow = state.withLock { state in
            guard let watch = state.watch else { return false }
            state.watch = nil
            state.table.close?(watch)
            return true
        }
        if isClosedNow { store.sessionClosed() }
    }
}
