import KeyStoreCore

/// The signatures of all paths, one of each in turn, so that the load of the machine hits all alike.
struct SignatureMeasurement {
    /// How many signatures each path makes.
    static let count = 20
    /// The same where a person has to touch the device.
    static let countWithTouch = 3

    /// What `--count` takes.
    static let allowedCounts = 1...100_000

    let statistics: [LatencyStatistics]

    init(_ opened: [OpenedPath], count: Int, using algorithm: SignatureAlgorithm) throws {
        // The first one finds mechanisms and fills caches. A person is not asked for it.
        for path in opened where !path.key.info.protection.contains(.touch) {
            _ = try path.path.naming { try path.signingTime(KeyProof.message, algorithm) }
        }
        var times: [[Int]] = opened.map { _ in [] }
        for round in 0..<count {
            for step in opened.indices {
                // Another path is the first each time: who follows a slow one might profit, or suffer.
                let index = (round + step) % opened.count
                let path = opened[index]
                times[index].append(try path.path.naming { try path.signingTime(KeyProof.message, algorithm) })
            }
        }
        statistics = times.map { LatencyStatistics($0) }
    }
}
