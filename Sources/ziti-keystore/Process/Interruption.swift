import Glibc

/// What signals do. A person who presses Ctrl-C gets the documented status, and the terminal its echo back.
enum Interruption {
    // Made before the handler is installed; a handler can allocate nothing.
    nonisolated(unsafe) private static var message: [UInt8] = []

    /// Installs the handlers. A reader of our output that goes away is an error of writing, and no death.
    static func install() {
        let failure = CommandFailure(status: .cancelled, code: "cancelled", message: "it was interrupted")
        message = Array("\n\(Ending.wantsJSON ? CommandResult.json(failure) : CommandResult.text(failure))\n".utf8)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGINT) { _ in
            Interruption.message.withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
            TerminalSettings.restore()
            _exit(ExitStatus.cancelled.rawValue)
        }
        signal(SIGTERM) { number in
            TerminalSettings.restore()
            signal(number, SIG_DFL)
            raise(number)
        }
    }
}
