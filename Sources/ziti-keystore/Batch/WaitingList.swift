import Synchronization

/// Tasks that wait for something to happen. A task that is cancelled waits no longer.
final class WaitingList: Sendable {
    private struct State {
        var lastNumber = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Waits for the next call of `wakeAll`, unless `isDue` says that it has come already. That is asked where no such call can
    /// come in between.
    func wait(unless isDue: @Sendable () -> Bool) async {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard !Task.isCancelled, !isDue() else { return false }
                    state.waiting[number] = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }

    /// Wakes every task that waits. To be called after what they wait for has happened.
    func wakeAll() {
        let woken = state.withLock { state in
            let woken = state.waiting
            state.waiting = [:]
            return woken
        }
        for continuation in woken.values { continuation.resume() }
    }
}
