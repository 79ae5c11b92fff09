import Glibc
import Synchronization

/// Ends a call into pcscd that waits for too long, as the library's own waits have no end: a program that holds the card holds
/// everybody. Beginning and ending a wait costs a look at the clock; a thread looks after the time, a few times in each limit.
final class WaitLimit: Sendable {
    private let nanoseconds: UInt64
    /// When the wait under way has to end, in nanoseconds of the monotonic clock; 0 where nobody waits.
    private let deadline = Atomic<UInt64>(0)
    private let fired = Atomic(false)
    private let onExpiry: @Sendable () -> Void
    private let isForked: @Sendable () -> Bool
    private let end: Condition

    /// `onExpiry` makes the call under way return. It is called once, on another thread. `isForked` says whether this process
    /// has that thread no more, because it was forked from the one that has.
    init(
        _ limit: Duration, isForked: @escaping @Sendable () -> Bool, onExpiry: @escaping @Sendable () -> Void
    ) {
        let (seconds, attoseconds) = limit.components
        nanoseconds = UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
        self.onExpiry = onExpiry
        self.isForked = isForked
        end = Condition()
        let interval = max(.milliseconds(10), min(limit / 4, .seconds(1)))
        // Holds the condition and the numbers, but not this object, so that the end of that ends the thread.
        BackgroundThread.start { [weak self, end] in
            while !end.wait(atMost: interval) {
                guard let self else { return }
                self.look()
            }
        }
    }

    deinit {
        // Not in a forked process, as the thread may have held the condition's lock when it was forked.
        if !isForked() { end.signal() }
    }

    /// Whether the time was over once. Nothing that the limit was for can be used any more then.
    var hasFired: Bool { fired.load(ordering: .acquiring) }

    /// Runs a call that may wait.
    func bounding<Result>(_ body: () -> Result) -> Result {
        deadline.store(Self.now + nanoseconds, ordering: .releasing)
        defer { deadline.store(0, ordering: .releasing) }
        return body()
    }

    private func look() {
        let latest = deadline.load(ordering: .acquiring)
        guard latest != 0, Self.now > latest, !fired.exchange(true, ordering: .acquiringAndReleasing) else { return }
        onExpiry()
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
