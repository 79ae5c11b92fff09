/// An axis of times that begins with nothing and ends with a round number.
struct ChartScale: Sendable {
    let unit: TimeUnit
    /// The numbers on the axis, in the unit; the last one is its end.
    let ticks: [Double]
    private let decimals: Int

    /// An axis that a time of so many nanoseconds fits on.
    init(upTo nanoseconds: Int) {
        unit = .forTimes(upTo: nanoseconds)
        let most = max(Double(nanoseconds) / unit.nanoseconds, 0.001)
        // Steps of 1, 2 or 5 times a power of ten, and six of them at most.
        var power = 0.001
        var decimals = 3
        var step = power
        search: while true {
            for factor in [1.0, 2, 5] {
                step = factor * power
                if step * 6 >= most { break search }
            }
            power *= 10
            decimals -= 1
        }
        var count = 1
        while Double(count) * step < most { count += 1 }
        ticks = (0...count).map { Double($0) * step }
        self.decimals = max(decimals, 0)
    }

    /// Where a time is, as a part of the axis.
    func position(_ nanoseconds: Int) -> Double {
        min(Double(nanoseconds) / unit.nanoseconds / (ticks.last ?? 1), 1)
    }

    /// Where a tick is, as a part of the axis.
    func position(ofTick tick: Double) -> Double { tick / (ticks.last ?? 1) }

    /// A tick's number.
    func label(_ tick: Double) -> String { LatencyText.fixed(tick, decimals: decimals) }
}
