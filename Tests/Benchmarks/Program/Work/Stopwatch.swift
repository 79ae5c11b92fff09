/// Times the turns of one loop, by the same rules as the C peers: every turn before the common start is a warm-up.
struct Stopwatch {
    private let plan: MeasuringPlan
    private var before: UInt64 = 0
    private var turns = 0
    /// Nanoseconds of each measured turn.
    private(set) var samples: [UInt32] = []

    init(_ plan: MeasuringPlan) {
        self.plan = plan
        switch plan.limit {
        case .milliseconds: samples.reserveCapacity(1 << 20)
        case .turns(let count): samples.reserveCapacity(count)
        }
    }

    /// Begins a turn; false once the measured time is over.
    mutating func begins() -> Bool {
        if turns == 1 { plan.loopIsReady() }
        turns += 1
        before = MeasuringPlan.now()
        return plan.goesOn(at: before, after: samples.count)
    }

    /// Ends a turn.
    mutating func ends() {
        let now = MeasuringPlan.now()
        let start = plan.startNanoseconds
        guard start != 0, before >= start else { return }
        samples.append(UInt32(clamping: now - before))
        if case .turns(samples.count) = plan.limit { plan.turnEnded(at: now) }
    }
}
