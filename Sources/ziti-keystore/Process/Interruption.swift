import Glibc

/// What signals do. A person who presses Ctrl-C gets the documented status, and the terminal its echo back.
enum Interruption {
    // Made before the handler is installed; a handler can allocate nothing.
    nonisolated(unsafe) private static var message: [UInt8] = []
    /// Where the first signal is written to; written before the handler is installed.
    nonisolated(unsafe) private static var wake: Int32 = -1

    /// Installs the handlers. A reader of our output that goes away is an error of writing, and no death.
    static func install() {
        let failure = CommandFailure(status: .cancelled, code: "cancelled", message: "it was interrupted")
        message = Array("\n\(Ending.wantsJSON ? CommandResult.json(failure) : CommandResult.text(failure))\n".utf8)
        signal(SIGPIPE, SIG_IGN)
        endOnSignals()
    }

    /// Has the first SIGINT or SIGTERM call the body, on a thread of its own, and not end the process. The second one ends it.
    static func onFirst(_ body: @escaping @Sendable () -> Void) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw CommandFailure(
                status: .unavailable, code: "backendFailure",
                message: "no pipe can be made for signals: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reading = ends[0]
        wake = ends[1]
        BackgroundThread.start(for: "signals") {
            var byte: UInt8 = 0
            while read(reading, &byte, 1) < 0, errno == EINTR {}
            body()
        }
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                Interruption.endOnSignals()
                let error = errno
                var byte: UInt8 = 1
                _ = write(Interruption.wake, &byte, 1)
                errno = error
            }
        }
    }

    /// May be called from a signal handler.
    private static func endOnSignals() {
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
