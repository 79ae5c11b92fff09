/// What a comparison came to.
struct ComparisonResult: Encodable {
    let title: String
    let unit: String
    let rows: [Row]

    /// One contender beside the baseline.
    struct Row: Codable {
        let name: String
        let median: Median
        let samples: [Sample]
        let beside: Beside
        let verdicts: [Verdict]
    }

    /// One contender beside another.
    struct Beside: Codable {
        /// The median of the rounds' ratios, each to the other one in the same round: what else the machine does from time
        /// to time touches both.
        let ratio: Double
        /// The same of the differences, in units.
        let difference: Double

        init(_ own: [Sample], _ others: [Sample]) {
            let pairs = zip(own, others)
            ratio = pairs.map { $0.value / $1.value }.median
            difference = pairs.map { $0.value - $1.value }.median
        }
    }

    /// Whether a target was met.
    struct Verdict: Codable {
        let target: String
        let isMet: Bool
        /// The ratio to whom the target names.
        let ratio: Double
    }

    init(comparison: Comparison, samples: [[Sample]]) {
        title = comparison.title
        unit = comparison.unit
        let names = comparison.contenders.map(\.name)
        rows = zip(comparison.contenders, samples).map { contender, own in
            let median = Median(own)
            return Row(
                name: contender.name, median: median, samples: own, beside: Beside(own, samples[0]),
                verdicts: contender.targets.compactMap { target in
                    guard let peer = target.peer.map({ names.firstIndex(of: $0) }) ?? 0 else { return nil }
                    let beside = Beside(own, samples[peer])
                    return Verdict(
                        target: target.text(unit: comparison.unit),
                        isMet: target.isMet(
                            ratio: beside.ratio, difference: beside.difference, peakMegabytes: median.peakMegabytes),
                        ratio: beside.ratio)
                })
        }
    }
}
