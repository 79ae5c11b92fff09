/// A command that a page shows after `$ `, and what the page shows that it prints.
struct ShownCommand {
    /// The command as a shell takes it, its continuation lines joined.
    var text: String
    /// The lines below it; `…` alone stands for any number of lines.
    var output: [String]

    /// What the page shows of standard error: the lines that begin as our messages do.
    var errorLines: [String] { output.filter(Self.isMessage) }
    /// What the page shows of standard output.
    var outputLines: [String] { output.filter { !Self.isMessage($0) } }

    private static func isMessage(_ line: String) -> Bool {
        ["warning: ", "note: ", "error: "].contains { line.hasPrefix($0) }
    }

    /// Why the lines are not what is shown; nil if they are.
    static func difference(of lines: [String], from shown: [String]) -> String? {
        guard let first = shown.first else { return lines.first.map { "not shown: \($0)" } }
        if first == "…" {
            let rest = Array(shown.dropFirst())
            let starts = lines.indices.map { Array(lines[$0...]) } + [[]]
            return starts.contains { difference(of: $0, from: rest) == nil } ? nil : "nothing fits after …: \(rest)"
        }
        guard let line = lines.first else { return "shown, and not printed: \(first)" }
        guard line == first else { return "shown: \(first)\nprinted: \(line)" }
        return difference(of: Array(lines.dropFirst()), from: Array(shown.dropFirst()))
    }
}
