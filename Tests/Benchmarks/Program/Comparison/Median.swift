/// The medians of a contender's samples; the largest peak.
struct Median: Codable {
    let value: Double
    let rate: Double?
    let peakMegabytes: Double

    init(_ samples: [Sample]) {
        value = samples.map(\.value).median
        let rates = samples.compactMap(\.rate)
        rate = rates.isEmpty ? nil : rates.median
        peakMegabytes = samples.map(\.peakMegabytes).max() ?? 0
    }
}
