/// How far a batch is, on one line.
struct ProgressBar {
    /// How much of the manifest has been read, from 0 to 1.
    let fraction: Double
    let counts: BatchTally.Counts

    /// The line, which is shorter than the terminal is wide, so that it wraps nowhere.
    func text(width: Int) -> String {
        let words =
            "\(Int(fraction * 100)) %  enrolled \(counts.enrolled), already done \(counts.alreadyDone), failed \(counts.failed)"
        let room = min(width - words.count - 4, 40)
        guard room >= 4 else { return String(words.prefix(max(width - 1, 0))) }
        let filled = Int(fraction * Double(room))
        return "[\(String(repeating: "#", count: filled))\(String(repeating: "-", count: room - filled))] \(words)"
    }
}
