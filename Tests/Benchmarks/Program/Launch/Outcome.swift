/// What one run of a program came to.
struct Outcome {
    /// The exit status, or -1 if a signal ended the program.
    let status: Int
    /// From spawn to wait.
    let wallMilliseconds: Double
    /// The peak resident size.
    let peakMegabytes: Double
    /// What the program wrote to its standard output.
    let output: String

    /// Reads the line that `launch` prints.
    init?(figures: String, output: String) {
        let fields = Fields(figures)
        guard let status = fields["status"], let wall = fields["wall"], let peak = fields["peak"] else { return nil }
        self.status = Int(status)
        wallMilliseconds = wall / 1_000_000
        peakMegabytes = peak / 1024
        self.output = output
    }
}
