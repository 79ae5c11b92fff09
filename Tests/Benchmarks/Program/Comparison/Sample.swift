/// What one contender came to in one round.
struct Sample: Codable {
    /// Microseconds of one signature, or milliseconds of one process.
    var value: Double
    /// Signatures in a second, all threads together; nil for whole processes.
    var rate: Double?
    /// The peak resident size of the process.
    var peakMegabytes: Double
}
