/// What a contender must hold to.
enum Target {
    /// At most this part or this many units over the baseline, whichever is more.
    case over(part: Double, units: Double)
    /// At most this many units over the baseline.
    case within(units: Double)
    /// At most this many times the baseline, and below so many megabytes, where that is given.
    case times(Double, megabytes: Double?)

    func isMet(_ ours: Median, beside baseline: Median) -> Bool {
        switch self {
        case .over(let part, let units): ours.value - baseline.value <= max(baseline.value * part, units)
        case .within(let units): ours.value - baseline.value <= units
        case .times(let times, let megabytes):
            ours.value <= baseline.value * times && ours.peakMegabytes < megabytes ?? .infinity
        }
    }

    /// In words, with the unit of the comparison.
    func text(unit: String) -> String {
        switch self {
        case .over(let part, let units): "+\(Int((part * 100).rounded())) % or +\(units.short) \(unit)"
        case .within(let units): "+\(units.short) \(unit)"
        case .times(let times, nil): "x \(times.short)"
        case .times(let times, let megabytes?): "x \(times.short), < \(megabytes.short) MB"
        }
    }
}
