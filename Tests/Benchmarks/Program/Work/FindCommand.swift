internal import ArgumentParser
internal import KeyStoreCore
internal import KeyStoreLoader

/// `find`: looks the same key up again and again, in one session.
struct FindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find", abstract: "Find a key again and again and print medians.", shouldDisplay: false)

    @OptionGroup var work: WorkOptions
    @Flag(help: "Ask for the public key too.") var publicKey = false
    @Option var milliseconds: Int

    func run() async throws {
        let plan = MeasuringPlan(loops: 1, limit: .milliseconds(milliseconds))
        let uri = try work.uri
        let samples: [UInt32]
        if work.way == .mirror {
            let session = try BackendLoader().openBlocking(try work.request).openSession(pin: try work.pin)
            var stopwatch = Stopwatch(plan)
            while stopwatch.begins() {
                let key = try session.key(at: uri)
                if publicKey { _ = try key.publicKey() }
                stopwatch.ends()
            }
            samples = stopwatch.samples
        } else {
            let publicKey = publicKey
            samples = try await BackendLoader().open(try work.request).withSession(pin: try work.pin) { session in
                var stopwatch = Stopwatch(plan)
                while stopwatch.begins() {
                    let key = try await session.key(at: uri)
                    if publicKey { _ = try await key.publicKey() }
                    stopwatch.ends()
                }
                return stopwatch.samples
            }
        }
        try WorkOptions.printFigures(samples, seconds: plan.seconds)
    }
}
