/// How a child ended, and what it printed.
public struct ProgramOutcome: Sendable, CustomStringConvertible {
    /// The exit status; 128 and the signal's number if a signal ended it, as shells have it.
    public var status: Int32
    /// What it wrote on standard output.
    public var output: [UInt8]
    /// What it wrote on standard error.
    public var errorOutput: [UInt8]

    /// Standard output as text; bytes that are not UTF-8 are replaced.
    public var outputText: String { String(decoding: output, as: UTF8.self) }
    /// Standard error as text; bytes that are not UTF-8 are replaced.
    public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }

    /// The status, and both outputs whole.
    public var description: String { "status \(status)\n--- stdout\n\(outputText)\n--- stderr\n\(errorText)" }
}
