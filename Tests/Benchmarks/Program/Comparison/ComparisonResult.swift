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
        /// The median over the baseline's.
        let ratio: Double
        /// The target in words, nil where there is none.
        let target: String?
        let isMet: Bool?
    }

    init(comparison: Comparison, samples: [[Sample]]) {
        title = comparison.title
        unit = comparison.unit
        let medians = samples.map(Median.init)
        rows = comparison.contenders.indices.map { index in
            let contender = comparison.contenders[index]
            return Row(
                name: contender.name, median: medians[index], samples: samples[index],
                ratio: medians[index].value / medians[0].value,
                target: contender.target?.text(unit: comparison.unit),
                isMet: contender.target?.isMet(medians[index], beside: medians[0]))
        }
    }
}

extension ComparisonResult: Encodable {}
