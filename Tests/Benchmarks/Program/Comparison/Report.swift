internal import FoundationEssentials

/// All results, as a table for people and as JSON.
struct Report: Encodable {
    let machine: Machine
    let results: [ComparisonResult]

    /// One Markdown table, and below it what was missed.
    var markdown: String {
        let header = [
            machine.text, "",
            "| Work | Who | Median | Ratio | Difference | Per second | Peak memory | Target | |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |",
        ]
        return (header + results.flatMap(Self.lines) + [""] + verdicts).joined(separator: "\n")
    }

    private static func lines(_ result: ComparisonResult) -> [String] {
        result.rows.enumerated().map { index, row in
            let digits = result.unit == "µs" && row.median.value >= 100 ? 0 : 1
            let sign = row.beside.difference < 0 ? "" : "+"
            let cells = [
                index == 0 ? result.title : "", row.name,
                "\(row.median.value.text(digits: digits)) \(result.unit)",
                index == 0 ? "1" : row.beside.ratio.text(digits: 2),
                index == 0 ? "" : "\(sign)\(row.beside.difference.text(digits: 1)) \(result.unit)",
                row.median.rate.map { $0.text(digits: 0) } ?? "",
                "\(row.median.peakMegabytes.text(digits: 1)) MB", row.verdicts.map(\.target).joined(separator: "; "),
                row.verdicts.isEmpty ? "" : row.verdicts.allSatisfy(\.isMet) ? "met" : "**missed**",
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }
    }

    private var verdicts: [String] {
        let all = results.flatMap(\.rows).flatMap(\.verdicts)
        let misses = results.flatMap { result in
            result.rows.flatMap { row in
                row.verdicts.filter { !$0.isMet }.map { verdict in
                    "- missed: \(result.title): \(row.name): \(verdict.target) (was \(verdict.ratio.text(digits: 2)), "
                        + "\(row.median.peakMegabytes.text(digits: 1)) MB)"
                }
            }
        }
        return ["\(all.count { $0.isMet }) of \(all.count) targets met."] + misses
    }

    /// Writes every sample and median.
    func writeJSON(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: URL(filePath: path))
    }
}
