/// Times as people read them.
enum LatencyText {
    /// With three digits that count: "42.1 µs", "3.20 ms", "1.05 s".
    static func text(_ nanoseconds: Int) -> String {
        let unit = TimeUnit.forTimes(upTo: nanoseconds)
        let value = Double(nanoseconds) / unit.nanoseconds
        return "\(fixed(value, decimals: value < 10 ? 2 : value < 100 ? 1 : 0)) \(unit.symbol)"
    }

    /// A number with a fixed count of decimals.
    static func fixed(_ value: Double, decimals: Int) -> String {
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let number = Int((value * Double(scale)).rounded())
        guard decimals > 0 else { return "\(number)" }
        return "\(number / scale).\(String(scale + number % scale).dropFirst())"
    }
}
