internal import ArgumentParser
internal import FoundationEssentials
internal import KeyStoreCore

/// What every contender of ours is told: the key, and how to reach it.
struct WorkOptions: ParsableArguments {
    @Option var way: Way
    @Option var reference: String
    @Option var module: String?

    var uri: KeyStoreURI { get throws { try KeyStoreURI(reference) } }

    var request: OpenRequest { get throws { OpenRequest(uri: try uri, module: module) } }

    /// The PIN that the environment gives, or none.
    var pin: PINSource {
        get throws {
            let pin = ProcessInfo.processInfo.environment[SoftHSMToken.pinVariable]
            return try pin.map { .value(try PIN($0)) } ?? .none
        }
    }

    /// Prints the line of figures.
    static func printFigures(_ samples: [UInt32], seconds: Double) throws {
        guard !samples.isEmpty else { throw BenchmarkError("nothing was measured") }
        let sorted = samples.sorted()
        print(
            "p50=\(sorted[sorted.count / 2]) p99=\(sorted[sorted.count - 1 - sorted.count / 100])",
            "operations=\(sorted.count) rate=\(Double(sorted.count) / seconds)")
    }
}
