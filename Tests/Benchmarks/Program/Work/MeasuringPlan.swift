internal import Glibc
internal import Synchronization

/// What the loops of one run have in common: how many they are, how long they measure, and when they begin.
final class MeasuringPlan: Sendable {
    static let warmUpNanoseconds: UInt64 = 20_000_000

    let nanoseconds: UInt64
    private let loops: Int
    private let ready = Atomic<Int>(0)
    private let start = Atomic<UInt64>(0)

    init(loops: Int, milliseconds: Int) {
        self.loops = loops
        nanoseconds = UInt64(milliseconds) * 1_000_000
    }

    /// Tells that one more loop has signed once. The last one sets the common start.
    func loopIsReady() {
        if ready.add(1, ordering: .acquiringAndReleasing).newValue == loops {
            start.store(Self.now() + Self.warmUpNanoseconds, ordering: .releasing)
        }
    }

    /// When measuring starts; 0 while loops are missing.
    var startNanoseconds: UInt64 { start.load(ordering: .acquiring) }

    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
