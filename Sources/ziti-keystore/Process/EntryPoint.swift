import ArgumentParser
import KeyStoreCore

/// Parses the command line, runs the command, and turns whatever comes of it into words and an exit status.
@main
enum EntryPoint {
    static func main() {
        StandardStream.occupyClosed()
        Interruption.install()
        do {
            var command = try parse(Array(CommandLine.arguments.dropFirst()))
            try command.run()
        } catch {
            end(with: error)
        }
        Ending.succeed()
    }

    /// The command. Start-up is most of what a signature costs, and most of that is the argument parser: a command that can be
    /// parsed by itself is. Whatever is wrong, or asks for help, is told by the whole program.
    private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        let named = ZitiKeystore.configuration.subcommands.first { $0.configuration.commandName == arguments.first }
        if let named, named.configuration.subcommands.isEmpty,
            let command = try? named.parseAsRoot(Array(arguments.dropFirst()))
        {
            return command
        }
        return try ZitiKeystore.parseAsRoot(arguments)
    }

    private static func end(with error: any Error) -> Never {
        let isParserError = !(error is CommandFailure || error is KeyStoreError)
        guard isParserError, let status = parserStatus(error) else { Ending.fail(CommandFailure(error)) }
        guard status != .success else {
            // Help and version.
            do {
                try StandardStream.print(line: ZitiKeystore.fullMessage(for: error))
            } catch {
                Ending.fail(CommandFailure(error))
            }
            Ending.succeed()
        }
        let arguments = CommandLine.arguments.dropFirst()
        let unknown = unknownCommand(arguments)
        let message = ArgumentRedaction.redact(unknown ?? ZitiKeystore.message(for: error), arguments: arguments)
        let hint =
            unknown == nil
            ? "'ziti-keystore COMMAND --help' explains the command, with an example"
            : "'ziti-keystore --help' lists the commands"
        Ending.fail(.usage(message, hint: hint))
    }

    /// What to say of a command that does not exist. The parser finds fault with the first option after it instead.
    private static func unknownCommand(_ arguments: some Sequence<String>) -> String? {
        var commands = ZitiKeystore.configuration.subcommands
        for argument in arguments where !commands.isEmpty {
            guard !argument.hasPrefix("-"), argument != "help" else { return nil }
            guard let named = commands.first(where: { $0.configuration.commandName == argument }) else {
                return "There is no command '\(argument)'."
            }
            commands = named.configuration.subcommands
        }
        return nil
    }

    /// The argument parser's status for its own errors; nil for errors of ours, which it does not know.
    private static func parserStatus(_ error: any Error) -> ExitCode? {
        if error is ValidationError || error is CleanExit { return ZitiKeystore.exitCode(for: error) }
        let status = ZitiKeystore.exitCode(for: error)
        return status == .success || status == .validationFailure ? status : nil
    }
}
