import Glibc
import KeyStoreCore
import Synchronization

/// One thread that runs blocking calls and Swift jobs in the order of their arrival, so that neither a slow token nor a
/// person's finger occupies Swift's cooperative pool.
///
/// As a task executor it makes a scope: code that prefers it runs on the thread, and its calls switch none.
final class SessionThread: TaskExecutor, @unchecked Sendable {
    private enum Work {
        case job(UnownedJob)
        case call(() -> Void)
    }

    // Everything below is guarded by `mutex`, but for `pending`, which is atomic, `spare`, which only the thread uses, and
    // `thread`, which is written before anybody else sees this object.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: [Work] = []
    private var spare: [Work] = []
    private var isStopping = false
    private var hasEnded = false
    private let pending = Atomic<Int>(0)
    private var thread = pthread_t()

    /// How often the thread looks for more work before it sleeps: some 30 µs, which is what waking it would cost.
    private static let spins = 3000

    init() throws(KeyStoreError) {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
        let status = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<SessionThread>.fromOpaque(context!).takeRetainedValue().loop()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard status == 0 else {
            Unmanaged.passUnretained(self).release()
            throw KeyStoreError(
                .backendFailure, "no thread could be started for a session", operation: "open session",
                native: NativeError(domain: "errno", function: "pthread_create", name: "", number: Int64(status)))
        }
        pthread_detach(thread)
    }

    deinit {
        // The thread holds a reference while it runs, so it has left its loop.
        pthread_cond_destroy(wake)
        pthread_mutex_destroy(mutex)
        wake.deallocate()
        mutex.deallocate()
    }

    /// Whether the caller is on this thread.
    var isCurrent: Bool { pthread_equal(pthread_self(), thread) != 0 }

    func enqueue(_ job: consuming ExecutorJob) { add(.job(UnownedJob(job))) }

    /// Runs the closure on the thread, after what was added before it.
    func perform(_ call: @escaping () -> Void) { add(.call(call)) }

    /// Ends the thread once it has done what was added so far.
    func stop() {
        pthread_mutex_lock(mutex)
        isStopping = true
        pthread_cond_signal(wake)
        pthread_mutex_unlock(mutex)
    }

    private func add(_ work: Work) {
        pthread_mutex_lock(mutex)
        if hasEnded {
            // Whoever waits for this must not wait for ever, so the caller's thread has to do.
            pthread_mutex_unlock(mutex)
            return perform(work)
        }
        queue.append(work)
        let sleeping = queue.count == 1
        pending.store(queue.count, ordering: .releasing)
        if sleeping { pthread_cond_signal(wake) }
        pthread_mutex_unlock(mutex)
    }

    private func loop() {
        while true {
            var spins = Self.spins
            while spins > 0, pending.load(ordering: .acquiring) == 0 { spins -= 1 }
            pthread_mutex_lock(mutex)
            while queue.isEmpty && !isStopping { pthread_cond_wait(wake, mutex) }
            // Two arrays in turn, so that no batch costs an allocation.
            swap(&queue, &spare)
            pending.store(0, ordering: .releasing)
            hasEnded = spare.isEmpty
            pthread_mutex_unlock(mutex)
            if spare.isEmpty { return }
            for work in spare { perform(work) }
            spare.removeAll(keepingCapacity: true)
        }
    }

    private func perform(_ work: Work) {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .call(let call): ProcessEnd.call(call)
        }
    }
}
