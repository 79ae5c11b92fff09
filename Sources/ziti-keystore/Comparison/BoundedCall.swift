import Dispatch
import Synchronization

/// A call that is waited for no longer than a limit.
enum BoundedCall {
    private final class Answer<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
        let isThere = DispatchSemaphore(value: 0)
    }

    /// What the work answers, on a thread of its own; nil where it takes longer. It goes on then, and keeps what it uses.
    static func run<Value: Sendable>(
        for purpose: String, milliseconds: Int, _ work: @escaping @Sendable () -> Value
    ) -> Value? {
        let answer = Answer<Value>()
        BackgroundThread.start(for: purpose) {
            let value = work()
            answer.value.withLock { $0 = value }
            answer.isThere.signal()
        }
        _ = answer.isThere.wait(timeout: .now() + .milliseconds(milliseconds))
        return answer.value.withLock { $0 }
    }
}
