internal import ArgumentParser

/// The program behind `make bench`.
@main
struct BenchmarksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measure signing, finding, listing and enrollment beside other programs that do the same.",
        subcommands: [CompareCommand.self, SignCommand.self, FindCommand.self, HandshakeCommand.self],
        defaultSubcommand: CompareCommand.self)
}
