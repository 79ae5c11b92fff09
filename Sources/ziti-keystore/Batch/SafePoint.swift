import Synchronization

/// Where a row can still be stopped: until its one-time token is about to be sent. From then on it runs to its end, for an
/// answer that nobody waits for is lost.
final class SafePoint: Sendable {
    private struct State {
        var isPast = false
        var isStopped = false
    }

    private let state = Mutex(State())

    /// Whether the row was stopped.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// The token is about to be sent.
    func pass() { state.withLock { $0.isPast = true } }

    /// Stops the row by what is given, unless it is past the point. Done by the time that `pass` returns, or not at all.
    func stop(_ cancel: () -> Void) {
        state.withLock { state in
            guard !state.isPast else { return }
            state.isStopped = true
            cancel()
        }
    }
}
