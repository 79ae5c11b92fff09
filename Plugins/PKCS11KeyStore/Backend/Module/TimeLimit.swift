import Glibc
import Synchronization

/// Runs what may never come back on a thread of its own, and stops waiting for it after a while.
enum TimeLimit {
    /// The value of `body`, or nil if it took longer. The thread cannot be stopped, so it is left behind then, and what it
    /// comes back with one day goes to `late`.
    static func run<Value: Sendable>(
        milliseconds: UInt32, _ body: @escaping @Sendable () -> Value, late: @escaping @Sendable (Value) -> Void
    ) -> Value? {
        let job = Job(body, late)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(job as AnyObject)
        let result = pthread_create(
            &thread, nil,
            { context in
                let job = Unmanaged<AnyObject>.fromOpaque(context!).takeRetainedValue()
                (job as! any Runnable).run()
                return nil
            }, context.toOpaque())
        guard result == 0 else {
            // Without a thread there is no limit, which is better than no answer.
            context.release()
            return body()
        }
        pthread_detach(thread)
        return job.wait(milliseconds: milliseconds)
    }

    private protocol Runnable: AnyObject {
        func run()
    }

    private final class Job<Value: Sendable>: Runnable, @unchecked Sendable {
        private struct State {
            var value: Value?
            var isAbandoned = false
        }

        private let body: @Sendable () -> Value
        private let late: @Sendable (Value) -> Void
        private let state = Mutex(State())
        private let done: UnsafeMutablePointer<sem_t>

        init(_ body: @escaping @Sendable () -> Value, _ late: @escaping @Sendable (Value) -> Void) {
            self.body = body
            self.late = late
            done = .allocate(capacity: 1)
            sem_init(done, 0, 0)
        }

        deinit {
            sem_destroy(done)
            done.deallocate()
        }

        func run() {
            let value = body()
            let isLate = state.withLock { state in
                state.value = value
                return state.isAbandoned
            }
            if isLate { late(value) } else { sem_post(done) }
        }

        func wait(milliseconds: UInt32) -> Value? {
            var deadline = timespec()
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let nanoseconds = deadline.tv_nsec + Int(milliseconds % 1000) * 1_000_000
            deadline.tv_sec += Int(milliseconds / 1000) + nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
            while sem_clockwait(done, CLOCK_MONOTONIC, &deadline) != 0 && errno == EINTR {}
            return state.withLock { state in
                state.isAbandoned = state.value == nil
                return state.value
            }
        }
    }
}
