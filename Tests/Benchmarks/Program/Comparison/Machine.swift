internal import FoundationEssentials

/// What the figures were taken on, without a name of it.
struct Machine: Encodable {
    let processor: String
    let processors: Int
    let system: String
    /// Processes that wanted a processor in the last minute before the run: with more than none, look at ratios only.
    let load: Double

    static func current() -> Machine {
        Machine(
            processor: value(of: "model name", in: "/proc/cpuinfo", separator: ":") ?? "unknown processor",
            processors: ProcessInfo.processInfo.activeProcessorCount,
            system: value(of: "PRETTY_NAME", in: "/etc/os-release", separator: "=") ?? "unknown system",
            load: text(of: "/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) } ?? .nan)
    }

    var text: String {
        """
        \(processors) x \(processor), \(system), load \(load.text(digits: 1)) before the run. Medians of alternating rounds; \
        ratio and difference are medians of each round's own.
        """
    }

    private static func text(of path: String) -> String? {
        (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func value(of name: String, in path: String, separator: Character) -> String? {
        for line in (text(of: path) ?? "").split(separator: "\n") {
            let parts = line.split(separator: separator, maxSplits: 1)
            guard parts.count == 2, parts[0].filter({ $0 != "\t" }) == name else { continue }
            return String(parts[1].drop { $0 == " " || $0 == "\"" }.filter { $0 != "\"" })
        }
        return nil
    }
}
