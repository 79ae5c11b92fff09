internal import ArgumentParser
internal import FoundationEssentials
internal import KeyStoreCore

/// `work`: one contender, in a process of its own as the C peers are, so that all start alike.
struct WorkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work", abstract: "Sign in loops through a plugin and print medians.", shouldDisplay: false)

    @Option var way: Way
    @Option var reference: String
    @Option var module: String?
    @Option var algorithm: String
    @Option var form: SigningForm
    @Option var threads: Int
    @Option var milliseconds: Int

    func run() async throws {
        guard let algorithm = SignatureAlgorithm(joseName: algorithm) else {
            throw ValidationError("--algorithm is a JOSE name")
        }
        let bytes = [UInt8](repeating: 0x5a, count: 32)
        let pin = ProcessInfo.processInfo.environment[SoftHSMToken.pinVariable]
        let loops = SigningLoops(
            request: OpenRequest(uri: try KeyStoreURI(reference), module: module),
            pin: try pin.map { .value(try PIN($0)) } ?? .none, algorithm: algorithm,
            input: form == .digest ? .digest(bytes) : .message(bytes),
            plan: MeasuringPlan(loops: threads, milliseconds: milliseconds), count: threads)
        let samples = try await loops.run(way).sorted()
        guard !samples.isEmpty else { throw BenchmarkError("nothing was measured") }
        let rate = Double(samples.count) * 1000 / Double(milliseconds)
        print(
            "p50=\(samples[samples.count / 2]) p99=\(samples[samples.count - 1 - samples.count / 100])",
            "operations=\(samples.count) rate=\(rate)")
    }
}
