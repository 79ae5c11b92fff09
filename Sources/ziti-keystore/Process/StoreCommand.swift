import ArgumentParser

/// A command that works with stores, on the thread that started the process.
protocol StoreCommand: ParsableCommand {
    var common: CommonOptions { get }

    /// Does the command's work. Called once, under the time limit.
    func run(in context: CommandContext) throws
}

extension StoreCommand {
    func run() throws {
        if let timeout = common.timeout { Watchdog.start(seconds: timeout) }
        try run(in: try CommandContext(common))
    }
}
