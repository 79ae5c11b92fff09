/// What is known of a child so far.
struct ChildProgress {
    var output: [UInt8] = []
    var errorOutput: [UInt8] = []
    /// Set when the child was reaped.
    var status: Int32?
    /// Whether nothing more can come.
    var isDrained = false

    /// How the child ended; nil while it runs or still has something to say.
    var outcome: ProgramOutcome? {
        guard let status, isDrained else { return nil }
        return ProgramOutcome(status: status, output: output, errorOutput: errorOutput)
    }
}
