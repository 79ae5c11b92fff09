/// Contenders that do the same work; the first is the baseline.
struct Comparison {
    let title: String
    /// The unit of the values: "µs" or "ms".
    let unit: String
    let rounds: Int
    /// Makes what the contenders work on, where that is not there yet.
    var prepare: () throws -> Void = {}
    let contenders: [Contender]

    /// Runs every contender in every round. Each round begins with another one, so that none always follows the same.
    func run() throws -> ComparisonResult {
        try prepare()
        var samples = [[Sample]](repeating: [], count: contenders.count)
        for round in 0..<rounds {
            for turn in contenders.indices {
                let index = (turn + round) % contenders.count
                if let limit = contenders[index].rounds, round >= limit { continue }
                samples[index].append(try contenders[index].run())
            }
        }
        return ComparisonResult(comparison: self, samples: samples)
    }
}
