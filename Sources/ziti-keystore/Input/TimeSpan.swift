import ArgumentParser

/// A span of time on the command line: `30d`, `720h`, `2w`, `90m` or `3600s`.
struct TimeSpan: ExpressibleByArgument {
    let seconds: Double

    /// Nil for what is no number with a unit, and for more than a thousand years.
    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400]
        guard let unit = argument.last.flatMap({ units[$0] }), let number = UInt32(argument.dropLast()) else {
            return nil
        }
        let seconds = Double(number) * unit
        guard seconds <= 1000 * 366 * 86_400 else { return nil }
        self.seconds = seconds
    }
}
