import KeyStoreCore
import KeyStoreLoader

/// The openings of all paths, each alone and some times in turn, so that none finds a module or device that another path has
/// made ready, and all meet the same load of the machine.
struct PathOpenings {
    /// How often each path is opened.
    static let rounds = 3

    let keys: [KeyInfo]
    let publicKeys: [PublicKey]
    /// What all the keys sign with.
    let algorithm: SignatureAlgorithm
    /// The median of each step in nanoseconds.
    let times: [KeySteps<Int>]

    init(_ opener: PathOpener, _ surveys: [PathSurvey], wanted: SignatureAlgorithm?) throws {
        // Nobody should have to type a PIN on a device more often than must be.
        let rounds = surveys.contains { $0.token.flags.contains(.pinPad) } ? 1 : Self.rounds
        let paths = surveys.map(\.path)
        var times: [[KeySteps<Int>]] = paths.map { _ in [] }
        var keys: [KeyInfo] = []
        var publicKeys: [PublicKey] = []
        for (index, path) in paths.enumerated() {
            try path.naming {
                let opened = try opener.open(index)
                defer { opened.close() }
                times[index].append(opened.times)
                keys.append(opened.key.info)
                publicKeys.append(try opened.key.publicKey())
            }
            // As soon as it can be known, before another path is opened for nothing.
            try KeyProof.demandSameKey(Array(zip(paths, publicKeys)))
        }
        algorithm = try KeyProof.algorithm(wanted: wanted, Array(zip(paths, keys)))
        for _ in 1..<max(rounds, 1) {
            for (index, path) in paths.enumerated() {
                let opened = try path.naming { try opener.open(index) }
                opened.close()
                times[index].append(opened.times)
            }
        }
        self.keys = keys
        self.publicKeys = publicKeys
        self.times = times.map { KeySteps.combine($0) { LatencyStatistics($0).median } }
    }
}
