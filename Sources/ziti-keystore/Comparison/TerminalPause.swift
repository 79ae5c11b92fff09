import Glibc

/// Waits for a person at the terminal.
enum TerminalPause {
    /// Throws a usage error where there is no terminal. Called before anything is done that would be for nothing.
    static func demandTerminal(for option: String) throws {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw CommandFailure.usage("'\(option)' needs a person at a terminal, and there is none")
        }
        close(terminal)
    }

    /// Shows what to do, and waits for the Enter key. Throws `cancelled` where the terminal goes away.
    static func wait(_ text: String) throws {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        defer { if terminal >= 0 { close(terminal) } }
        let prompt = Array("\(text) ".utf8)
        guard terminal >= 0, Glibc.write(terminal, prompt, prompt.count) == prompt.count else { throw gone }
        var byte: UInt8 = 0
        repeat {
            let count = read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw gone }
        } while byte != UInt8(ascii: "\n")
    }

    private static var gone: CommandFailure {
        CommandFailure(status: .cancelled, code: "cancelled", message: "the terminal went away")
    }
}
