import ArgumentParser
import KeyStoreCore

/// Where a result goes that is a file of its own.
struct OutputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write to this file, which must not be there yet.", valueName: "file"))
    var out: String?

    /// Writes text to the file, or to standard output.
    func write(text: String) throws {
        if let out {
            try OutputFile.write(Array(text.utf8), to: out)
        } else {
            try StandardStream.print(Array(text.utf8))
        }
    }

    /// Writes bytes to the file, or to standard output. Throws a usage error where that is a terminal.
    func write(bytes: [UInt8], what: String) throws {
        if let out { return try OutputFile.write(bytes, to: out) }
        try refuseTerminal(what)
        try StandardStream.print(bytes)
    }

    /// Writes a secret to the file, which nobody else can read, or to standard output. Throws a usage error where that is a
    /// terminal.
    func write(secret: PIN, what: String) throws {
        try secret.withBytes { bytes in
            if let out { return try OutputFile.write(secret: bytes, to: out) }
            try refuseTerminal(secret: what)
            try StandardStream.print(bytes)
        }
    }

    /// A secret as a member of JSON output: hexadecimal, or null where it is written to the file instead.
    func json(secret: PIN) throws -> JSONValue {
        guard let out else { return .hex(secret.withBytes { Array($0) }) }
        try secret.withBytes { try OutputFile.write(secret: $0, to: out) }
        return .null
    }

    /// Throws a usage error if bytes would go to a terminal. Called before anything is done for them.
    func refuseTerminal(_ what: String) throws {
        try refuseTerminal(what, hint: "--out FILE or '> FILE' keeps it, and --json prints it as text")
    }

    /// The same for a secret.
    func refuseTerminal(secret what: String) throws {
        try refuseTerminal(
            what, hint: "--out FILE keeps it where nobody else can read it, and --json prints it as text")
    }

    private func refuseTerminal(_ what: String, hint: String) throws {
        guard out == nil, StandardStream.outputIsTerminal else { return }
        throw CommandFailure.usage("\(what) is not written to a terminal", hint: hint)
    }
}
