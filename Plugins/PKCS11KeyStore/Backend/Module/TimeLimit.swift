import Glibc

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
        private let body: @Sendable () -> Value
        private let late: @Sendable (Value) -> Void
        private let mutex: UnsafeMutablePointer<pthread_mutex_t>
        private let changed: UnsafeMutablePointer<pthread_cond_t>
        // Guarded by the mutex.
        private var value: Value?
        private var isAbandoned = false

        init(_ body: @escaping @Sendable () -> Value, _ late: @escaping @Sendable (Value) -> Void) {
            self.body = body
            self.late = late
            mutex = .allocate(capacity: 1)
            changed = .allocate(capacity: 1)
            pthread_mutex_init(mutex, nil)
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            // The time of day may be set while we wait.
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(changed, &attributes)
            pthread_condattr_destroy(&attributes)
        }

        deinit {
            pthread_cond_destroy(changed)
            pthread_mutex_destroy(mutex)
            changed.deallocate()
            mutex.deallocate()
        }

        func run() {
            let value = body()
            pthread_mutex_lock(mutex)
            self.value = value
            let isLate = isAbandoned
            pthread_cond_signal(changed)
            pthread_mutex_unlock(mutex)
            if isLate { late(value) }
        }

        func wait(milliseconds: UInt32) -> Value? {
            var deadline = timespec()
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let nanoseconds = deadline.tv_nsec + Int(milliseconds % 1000) * 1_000_000
            deadline.tv_sec += Int(milliseconds / 1000) + nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            while value == nil, pthread_cond_timedwait(changed, mutex, &deadline) == 0 {}
            isAbandoned = value == nil
            return value
        }
    }
}
