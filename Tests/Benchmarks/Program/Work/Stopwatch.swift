/// Times the turns of one loop, by the same rules as the C peers: every turn before the common start is a warm-up.
struct Stopwatch {
    private let plan: MeasuringPlan
    private var before: UInt64 = 0
    private var turns = 0
    /// Nanoseconds of each measured turn.
    private(set) var samples: [UInt32] = []

    init(_ plan: MeasuringPlan) {
        self.plan = plan
        samples.reserveCapacity(1 << 20)
    }

    /// Begins a turn; false once the measured time is over.
    mutating func begins() -> Bool {
        if turns == 1 { plan.loopIsReady() }
        turns += 1
        let start = plan.startNanoseconds
        before = MeasuringPlan.now()
        return start == 0 || before < start + plan.nanoseconds
    }

    /// Ends a turn.
    mutating func ends() {
        let taken = MeasuringPlan.now() - before
        let start = plan.startNanoseconds
        if start != 0 && before >= start { samples.append(UInt32(clamping: taken)) }
    }
}
