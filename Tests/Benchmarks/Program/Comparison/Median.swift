/// The medians of a contender's samples; the largest peak.
struct Median: Codable {
    let value: Double
    let rate: Double?
    let peakMegabytes: Double

    init(_ samples: [Sample]) {
        value = Self.middle(samples.map(\.value))
        let rates = samples.compactMap(\.rate)
        rate = rates.isEmpty ? nil : Self.middle(rates)
        peakMegabytes = samples.map(\.peakMegabytes).max() ?? 0
    }

    private static func middle(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}
