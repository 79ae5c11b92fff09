/// What a contender must hold to beside another one.
struct Target {
    /// How much worse it may be.
    enum Limit {
        /// At most this part or this many units more, whichever is more.
        case over(part: Double, units: Double)
        /// At most this many units more.
        case within(units: Double)
        /// At most this many times as much.
        case times(Double)
        /// At least this part of its rate.
        case rate(Double)
        /// Below so many megabytes, whatever the other one takes.
        case megabytes(Double)
    }

    let limit: Limit
    /// The name of the contender that it is held against; nil for the baseline.
    var peer: String?

    /// What "not slower" allows: rounds differ by as much when nothing does.
    static let noise = 0.02

    static func notSlower(than peer: String) -> Target { Target(limit: .times(1 + noise), peer: peer) }

    /// `ratio` and `difference` are to the peer, the latter in units.
    func isMet(ratio: Double, difference: Double, peakMegabytes: Double) -> Bool {
        switch limit {
        case .over(let part, let units): ratio - 1 <= part || difference <= units
        case .within(let units): difference <= units
        case .times(let times): ratio <= times
        case .rate(let part): 1 / ratio >= part
        case .megabytes(let megabytes): peakMegabytes < megabytes
        }
    }

    /// In words, with the unit of the comparison.
    func text(unit: String) -> String {
        let words =
            switch limit {
            case .over(let part, let units): "+\(Int((part * 100).rounded())) % or +\(units.short) \(unit)"
            case .within(let units): "+\(units.short) \(unit)"
            case .times(let times): "x \(times.brief)"
            case .rate(let part): "\(part.brief) of its rate"
            case .megabytes(let megabytes): "< \(megabytes.short) MB"
            }
        return peer.map { "\(words) of \($0)" } ?? words
    }
}
