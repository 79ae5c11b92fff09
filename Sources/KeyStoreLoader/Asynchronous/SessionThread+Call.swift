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
        await withTaskCancellationHandler {
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
        return try outcome.takeAnswer().get()
    }
}

/// The answer to one call, given once: by the call itself, or by whoever gives up first.
private final class Outcome<Success: Sendable>: Sendable {
    typealias Answer = Result<Success, KeyStoreError>

    private struct State {
        var continuation: UnsafeContinuation<Void, Never>?
        var answer: Answer?
        var isAnswered = false
        var isRunning = false
        var isAbandoned = false

        /// Takes the first answer, and gives the continuation to be resumed, if somebody waits already.
        mutating func give(_ answer: Answer) -> UnsafeContinuation<Void, Never>? {
            guard !isAnswered else { return nil }
            isAnswered = true
            self.answer = answer
            defer { continuation = nil }
            return continuation
        }
    }

    private let state = Mutex(State())
    private let onAbandon: @Sendable (Bool) -> Void

    init(onAbandon: @escaping @Sendable (Bool) -> Void) { self.onAbandon = onAbandon }

    func wait(_ continuation: UnsafeContinuation<Void, Never>) {
        let isAnswered = state.withLock { state in
            if !state.isAnswered { state.continuation = continuation }
            return state.isAnswered
        }
        if isAnswered { continuation.resume() }
    }

    /// The answer, for whoever has waited. It goes through the mutex, and not through the continuation, which may be resumed
    /// before it is awaited: ThreadSanitizer does not see then that one comes after the other.
    func takeAnswer() -> Answer {
        state.withLock { state in
            defer { state.answer = nil }
            return state.answer!
        }
    }

    /// Whether the call is still wanted.
    func begin() -> Bool {
        state.withLock { state in
            state.isRunning = !state.isAbandoned
            return state.isRunning
        }
    }

    func finish(_ answer: Answer) {
        let (continuation, wasAbandoned) = state.withLock { state in
            state.isRunning = false
            return (state.give(answer), state.isAbandoned)
        }
        continuation?.resume()
        if wasAbandoned { onAbandon(false) }
    }

    func abandon(_ error: KeyStoreError) {
        let (continuation, isRunning) = state.withLock { state in
            guard !state.isAnswered else { return (nil as UnsafeContinuation<Void, Never>?, false) }
            state.isAbandoned = true
            return (state.give(.failure(error)), state.isRunning)
        }
        if isRunning { onAbandon(true) }
        continuation?.resume()
    }
}
