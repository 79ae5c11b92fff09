import KeyStoreCore
import Synchronization

extension SessionThread {
    /// Runs a blocking call on the thread and waits for it without blocking the caller's. On the thread itself the call is
    /// made at once. A caller that is cancelled, or whose time is over, gets `cancelled` or `timedOut` and goes on; the
    /// call itself ends when the device answers, and `onAbandon` is told. A call that was given up before it began is not
    /// made, unless it is not `isDispensable`.
    func run<Success: Sendable>(
        timeoutMilliseconds: UInt32?, isDispensable: Bool = true,
        onAbandon: @escaping @Sendable (_ isRunning: Bool) -> Void,
        _ body: @escaping @Sendable () throws(KeyStoreError) -> Success
    ) async throws(KeyStoreError) -> Success {
        if isCurrent {
            if isDispensable, Task.isCancelled { throw KeyStoreError(.cancelled, "the task was cancelled") }
            return try body()
        }
        let outcome = Outcome<Success>(onAbandon: onAbandon)
        let timer = timeoutMilliseconds.map { limit in
            Task {
                try? await Task.sleep(for: .milliseconds(Int(limit)))
                if !Task.isCancelled {
                    outcome.abandon(KeyStoreError(.timedOut, "there was no answer within \(limit) ms"))
                }
            }
        }
        defer { timer?.cancel() }
        let result: Result<Success, KeyStoreError> = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                outcome.wait(continuation)
                perform {
                    guard outcome.begin() || !isDispensable else { return }
                    do throws(KeyStoreError) {
                        outcome.finish(.success(try body()))
                    } catch {
                        outcome.finish(.failure(error))
                    }
                }
            }
        } onCancel: {
            outcome.abandon(KeyStoreError(.cancelled, "the task was cancelled"))
        }
        return try result.get()
    }
}

/// The answer to one call, given once: by the call itself, or by whoever gives up first.
private final class Outcome<Success: Sendable>: Sendable {
    private typealias Answer = Result<Success, KeyStoreError>

    private struct State {
        var continuation: UnsafeContinuation<Answer, Never>?
        var early: Answer?
        var isRunning = false
        var isAbandoned = false
    }

    private let state = Mutex(State())
    private let onAbandon: @Sendable (Bool) -> Void

    init(onAbandon: @escaping @Sendable (Bool) -> Void) { self.onAbandon = onAbandon }

    func wait(_ continuation: UnsafeContinuation<Result<Success, KeyStoreError>, Never>) {
        let early = state.withLock { state in
            if state.early == nil { state.continuation = continuation }
            return state.early
        }
        if let early { continuation.resume(returning: early) }
    }

    /// Whether the call is still wanted.
    func begin() -> Bool {
        state.withLock { state in
            state.isRunning = !state.isAbandoned
            return state.isRunning
        }
    }

    func finish(_ answer: Result<Success, KeyStoreError>) {
        let (continuation, wasAbandoned) = state.withLock { state in
            state.isRunning = false
            defer { state.continuation = nil }
            return (state.continuation, state.isAbandoned)
        }
        continuation?.resume(returning: answer)
        if wasAbandoned { onAbandon(false) }
    }

    func abandon(_ error: KeyStoreError) {
        let (continuation, isRunning) = state.withLock { state in
            guard !state.isAbandoned, state.continuation != nil || !state.isRunning else {
                return (nil as UnsafeContinuation<Answer, Never>?, false)
            }
            state.isAbandoned = true
            if state.continuation == nil { state.early = .failure(error) }
            defer { state.continuation = nil }
            return (state.continuation, state.isRunning)
        }
        if isRunning { onAbandon(true) }
        continuation?.resume(returning: .failure(error))
    }
}
