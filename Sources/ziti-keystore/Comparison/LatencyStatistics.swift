/// What is told of many measurements, in nanoseconds.
struct LatencyStatistics: Sendable {
    private let sorted: [Int]

    /// There is at least one measurement.
    init(_ nanoseconds: [Int]) {
        precondition(!nanoseconds.isEmpty)
        sorted = nanoseconds.sorted()
    }

    var count: Int { sorted.count }
    var least: Int { sorted[0] }
    var most: Int { sorted[sorted.count - 1] }

    /// The one in the middle, or half-way between both that are.
    var median: Int { (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2 }

    /// The least measurement that 95 of 100 do not exceed (nearest rank).
    var p95: Int { sorted[(sorted.count * 95 + 99) / 100 - 1] }
}
