internal import Glibc
internal import Synchronization

/// What the loops of one run have in common: how many they are, how long they measure, and when they begin.
final class MeasuringPlan: Sendable {
    static let warmUpNanoseconds: UInt64 = 20_000_000

    let limit: Limit
    private let loops: Int
    private let ready = Atomic<Int>(0)
    private let start = Atomic<UInt64>(0)
    private let end = Atomic<UInt64>(0)

    init(loops: Int, limit: Limit) {
        self.loops = loops
        self.limit = limit
    }

    /// Tells that one more loop has made a turn. The last one sets the common start.
    func loopIsReady() {
        if ready.add(1, ordering: .acquiringAndReleasing).newValue == loops {
            start.store(Self.now() + Self.warmUpNanoseconds, ordering: .releasing)
        }
    }

    /// When measuring starts; 0 while loops are missing.
    var startNanoseconds: UInt64 { start.load(ordering: .acquiring) }

    /// Whether a loop with so many measured turns begins another one now. One that had no turn at all in its time makes one
    /// more, because other work may have held it up for longer.
    func goesOn(at now: UInt64, after turns: Int) -> Bool {
        let start = startNanoseconds
        switch limit {
        case .milliseconds(let milliseconds):
            return start == 0 || turns == 0 || now < start + UInt64(milliseconds) * 1_000_000
        case .turns(let limit): return turns < limit
        }
    }

    /// Tells when a measured turn ended that was a loop's last, as far as it knows.
    func turnEnded(at nanoseconds: UInt64) { end.max(nanoseconds, ordering: .relaxed) }

    /// The measured time, once all loops have ended. Of loops that are ended by the time it is that time, as in C.
    var seconds: Double {
        switch limit {
        case .milliseconds(let milliseconds): Double(milliseconds) / 1000
        case .turns: Double(end.load(ordering: .relaxed) - startNanoseconds) / 1_000_000_000
        }
    }

    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
