import ArgumentParser

/// A command that works with stores or controllers through their asynchronous interfaces.
protocol AsynchronousStoreCommand: ParsableCommand, Sendable {
    var common: CommonOptions { get }

    /// Does the command's work. Called once, under the time limit.
    func run(in context: CommandContext) async throws
}

extension AsynchronousStoreCommand {
    func run() throws {
        if let timeout = common.timeout { Watchdog.start(seconds: timeout) }
        let context = try CommandContext(common)
        try Waiting.run { try await run(in: context) }
    }
}
