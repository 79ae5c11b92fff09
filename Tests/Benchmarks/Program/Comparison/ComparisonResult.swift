/// What a comparison came to.
struct ComparisonResult {
    let title: String
    let unit: String
    let rows: [Row]

    /// One contender beside the baseline.
    struct Row: Codable {
        let name: String
        let median: Median
        let samples: [Sample]
        /// The median of the rounds' ratios to the baseline in the same round: what else the machine does from time to time
        /// touches both.
        let ratio: Double
        /// The same of the differences, in units.
        let difference: Double
        /// The target in words, nil where there is none.
        let target: String?
        let isMet: Bool?
    }

    init(comparison: Comparison, samples: [[Sample]]) {
        title = comparison.title
        unit = comparison.unit
        rows = zip(comparison.contenders, samples).map { contender, own in
            let pairs = zip(own, samples[0])
            let ratio = pairs.map { $0.value / $1.value }.median
            let difference = pairs.map { $0.value - $1.value }.median
            let median = Median(own)
            return Row(
                name: contender.name, median: median, samples: own, ratio: ratio, difference: difference,
                target: contender.target?.text(unit: comparison.unit),
                isMet: contender.target?.isMet(
                    ratio: ratio, difference: difference, peakMegabytes: median.peakMegabytes))
        }
    }
}

extension ComparisonResult: Encodable {}
