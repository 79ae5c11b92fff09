internal import FoundationEssentials

/// What the figures were taken on, without a name of it.
struct Machine: Encodable {
    let processor: String
    let processors: Int
    let system: String

    static func current() -> Machine {
        Machine(
            processor: value(of: "model name", in: "/proc/cpuinfo", separator: ":") ?? "unknown processor",
            processors: ProcessInfo.processInfo.activeProcessorCount,
            system: value(of: "PRETTY_NAME", in: "/etc/os-release", separator: "=") ?? "unknown system")
    }

    var text: String { "\(processors) x \(processor), \(system); medians of alternating rounds." }

    private static func value(of name: String, in path: String, separator: Character) -> String? {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { return nil }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: separator, maxSplits: 1)
            guard parts.count == 2, parts[0].filter({ $0 != "\t" }) == name else { continue }
            return String(parts[1].drop { $0 == " " || $0 == "\"" }.filter { $0 != "\"" })
        }
        return nil
    }
}
