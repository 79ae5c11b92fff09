internal import ArgumentParser
internal import KeyStoreCore

/// `sign`: one contender, in a process of its own as the C peers are, so that all start alike.
struct SignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign in loops through a plugin and print medians.", shouldDisplay: false)

    @OptionGroup var work: WorkOptions
    @Option var algorithm: String
    @Option var form: SigningForm
    @Option var threads: Int
    @Option var milliseconds: Int?
    @Option var calls: Int?

    func run() async throws {
        guard let algorithm = SignatureAlgorithm(joseName: algorithm) else {
            throw ValidationError("--algorithm is a JOSE name")
        }
        let bytes = [UInt8](repeating: 0x5a, count: 32)
        let plan = MeasuringPlan(
            loops: threads, limit: calls.map { .turns($0 / threads) } ?? .milliseconds(milliseconds ?? 100))
        let loops = SigningLoops(
            request: try work.request, pin: try work.pin, algorithm: algorithm,
            input: form == .digest ? .digest(bytes) : .message(bytes), plan: plan, count: threads)
        try WorkOptions.printFigures(try await loops.run(work.way), seconds: plan.seconds)
    }
}
