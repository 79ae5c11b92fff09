import Synchronization

/// Work that several tasks wait for. Who is cancelled stops waiting at once; the work is cancelled when it has nobody left.
final class SharedWork<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiting: [Int: CheckedContinuation<Value?, Never>] = [:]
        var tickets = 0
        var task: Task<Void, Never>?
        var isAbandoned = false
    }

    private let state = Mutex(State())

    /// Begins the work.
    init(_ work: @escaping @Sendable () async -> Value) {
        let task = Task { finish(await work()) }
        state.withLock { $0.task = task }
    }

    /// Whether all who waited went away, and what comes of it may be nothing but that.
    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    /// How many wait now.
    var waiterCount: Int { state.withLock { $0.waiting.count } }

    /// Waits for what comes of the work. Nil for a task that is cancelled.
    func value() async -> Value? {
        let ticket = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.value != nil { return true }
                    // Cancelled before it began to wait: the handler has run, and found nobody.
                    if Task.isCancelled {
                        Self.abandonIfAlone(&state)
                        return true
                    }
                    state.waiting[ticket] = continuation
                    return false
                }
                if isDone { continuation.resume(returning: state.withLock { $0.value }) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.waiting.removeValue(forKey: ticket)
                if continuation != nil { Self.abandonIfAlone(&state) }
                return continuation
            }
            continuation?.resume(returning: nil)
        }
    }

    private static func abandonIfAlone(_ state: inout State) {
        guard state.waiting.isEmpty, state.value == nil else { return }
        state.isAbandoned = true
        state.task?.cancel()
    }

    private func finish(_ value: Value) {
        let waiting = state.withLock { state in
            state.value = value
            // The task holds the work.
            state.task = nil
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }
}
