/// What one contender came to in one round.
struct Sample: Codable {
    /// Microseconds of one operation, or milliseconds of one operation or process.
    var value: Double
    /// Operations in a second, all threads together; nil for whole processes.
    var rate: Double?
    /// The peak resident size of the process.
    var peakMegabytes: Double
}
