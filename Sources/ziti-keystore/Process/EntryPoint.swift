import ArgumentParser
import KeyStoreCore

/// Parses the command line, runs the command, and turns whatever comes of it into words and an exit status.
@main
enum EntryPoint {
    static func main() {
        Interruption.install()
        do {
            var command = try ZitiKeystore.parseAsRoot()
            try command.run()
        } catch {
            end(with: error)
        }
        Ending.succeed()
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
        let message = ArgumentRedaction.redact(ZitiKeystore.message(for: error), arguments: arguments)
        Ending.fail(.usage(message, hint: "'ziti-keystore COMMAND --help' explains the command, with an example"))
    }

    /// The argument parser's status for its own errors; nil for errors of ours, which it does not know.
    private static func parserStatus(_ error: any Error) -> ExitCode? {
        if error is ValidationError || error is CleanExit { return ZitiKeystore.exitCode(for: error) }
        let status = ZitiKeystore.exitCode(for: error)
        return status == .success || status == .validationFailure ? status : nil
    }
}
