import Glibc

/// Writes to standard output and standard error, without buffers that an early end would lose.
enum StandardStream {
    /// Whether standard output is a terminal, where bytes that are not text do harm.
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Takes the numbers of the standard streams that were closed when the program started. The next file that is opened would
    /// get them otherwise, and what is meant for standard output would be written into a token's own file.
    static func occupyClosed() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The wrong way round, so that reading and writing fail as they do on a closed descriptor.
            let direction = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY
            guard open("/dev/null", direction) == descriptor else { _exit(ExitStatus.unavailable.rawValue) }
        }
    }

    /// Writes everything to standard output. Throws `cannotWrite`.
    static func print(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try print($0) } }

    /// The same without a copy, for a secret.
    static func print(_ bytes: UnsafeRawBufferPointer) throws {
        guard let number = write(bytes, to: STDOUT_FILENO) else { return }
        throw failure("write", number)
    }

    /// Writes text and a newline to standard output. Throws `cannotWrite`.
    static func print(line: String) throws { try print(Array("\(line)\n".utf8)) }

    /// Throws `cannotWrite` once nobody reads standard output any more, for a command that has nothing to write for long.
    static func demandReader() throws {
        var descriptor = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        guard poll(&descriptor, 1, 0) > 0, descriptor.revents & Int16(POLLERR | POLLHUP) != 0 else { return }
        throw failure("poll", EPIPE)
    }

    /// Writes text and a newline to standard error, with control characters made harmless. Failures are nobody's business:
    /// there is no place left to report them.
    static func tell(_ text: String) {
        _ = Array("\(sanitised(text))\n".utf8).withUnsafeBytes { write($0, to: STDERR_FILENO) }
    }

    /// Labels and messages come from devices and servers: nothing in them may move a terminal's cursor. Newlines stay.
    static func sanitised(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isControl($0) && $0 != "\n" }) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) && $0 != "\n" ? "?" : $0 }))
    }

    private static func isControl(_ scalar: UnicodeScalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    /// Writes everything, in one piece if the system takes it. Answers the error's number, or nil if all was written.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return errno }
            rest = rest.dropFirst(count)
        }
        return nil
    }

    private static func failure(_ function: String, _ number: Int32) -> CommandFailure {
        .file(
            .cannotWrite, "the standard output cannot be written: \(String(cString: strerror(number)))", path: "-",
            function: function, errno: number)
    }
}
