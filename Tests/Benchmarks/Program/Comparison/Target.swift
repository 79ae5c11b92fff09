/// What a contender must hold to.
enum Target {
    /// At most this part or this many units over the baseline, whichever is more.
    case over(part: Double, units: Double)
    /// At most this many units over the baseline.
    case within(units: Double)
    /// At most this many times the baseline, and below so many megabytes, where that is given.
    case times(Double, megabytes: Double?)

    /// `ratio` and `difference` are to the baseline, the latter in units.
    func isMet(ratio: Double, difference: Double, peakMegabytes: Double) -> Bool {
        switch self {
        case .over(let part, let units): ratio - 1 <= part || difference <= units
        case .within(let units): difference <= units
        case .times(let times, let megabytes): ratio <= times && peakMegabytes < megabytes ?? .infinity
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
