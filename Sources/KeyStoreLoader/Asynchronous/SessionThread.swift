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
    private var isSleeping = false
    private var hasEnded = false
    private let pending = Atomic<Int>(0)
    private var thread = pthread_t()

    /// How long the thread looks for more work before it sleeps: as long as it takes a caller on another thread to be
    /// resumed and to ask again. Waking the thread instead would cost as much once more.
    private static let patience: UInt64 = 50_000

    init() throws(KeyStoreError) {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
        let status = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<SessionThread>.fromOpaque(context!).takeRetainedValue().loop()
                ProcessEnd.threadEnds()
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
        let mustWake = isSleeping
        pthread_mutex_unlock(mutex)
        // After the lock is free, so that the thread, which looks for this without it, does not run into it.
        pending.add(1, ordering: .releasing)
        if mustWake { pthread_cond_signal(wake) }
    }

    /// Waits for work without sleeping, for `patience` nanoseconds at most.
    private func waitBriefly() {
        let start = monotonicNanoseconds()
        repeat {
            for _ in 0..<100 where pending.load(ordering: .acquiring) > 0 { return }
        } while monotonicNanoseconds() - start < Self.patience
    }

    private func monotonicNanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }

    private func loop() {
        while true {
            waitBriefly()
            pthread_mutex_lock(mutex)
            isSleeping = true
            while queue.isEmpty && !isStopping { pthread_cond_wait(wake, mutex) }
            isSleeping = false
            // Two arrays in turn, so that no batch costs an allocation.
            swap(&queue, &spare)
            // May come before the adder's own count, which makes it negative for that moment.
            pending.subtract(spare.count, ordering: .relaxed)
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
