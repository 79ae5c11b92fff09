import ArgumentParser

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

    /// Throws a usage error if bytes would go to a terminal. Called before anything is done for them.
    func refuseTerminal(_ what: String) throws {
        guard out == nil, StandardStream.outputIsTerminal else { return }
        throw CommandFailure.usage(
            "\(what) is not written to a terminal",
            hint: "--out FILE or '> FILE' keeps it, and --json prints it as text")
    }
}
