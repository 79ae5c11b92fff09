import Glibc

/// Gives the terminal its echo back when the process ends in the middle of a question.
enum TerminalSettings {
    // Written before the first question is asked and read by signal handlers, which can wait for no lock.
    nonisolated(unsafe) private static var settings = termios()
    nonisolated(unsafe) private static var descriptor: Int32 = -1

    /// Remembers the settings. Called before a question.
    static func remember() {
        guard descriptor < 0 else { return }
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return }
        guard tcgetattr(terminal, &settings) == 0 else {
            close(terminal)
            return
        }
        descriptor = terminal
    }

    /// Restores them. May be called from a signal handler.
    static func restore() {
        if descriptor >= 0 { tcsetattr(descriptor, TCSANOW, &settings) }
    }
}
