internal import FoundationEssentials

/// All results, as a table for people and as JSON.
struct Report: Encodable {
    let machine: Machine
    let results: [ComparisonResult]

    /// One Markdown table.
    var markdown: String {
        var lines = [
            machine.text, "",
            "| Work | Who | Median | Ratio | Difference | Per second | Peak memory | Target | |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |",
        ]
        for result in results {
            for (index, row) in result.rows.enumerated() {
                let digits = result.unit == "µs" && row.median.value >= 100 ? 0 : 1
                lines.append(
                    "| "
                        + [
                            index == 0 ? result.title : "", row.name,
                            "\(row.median.value.text(digits: digits)) \(result.unit)",
                            index == 0 ? "1" : row.ratio.text(digits: 2),
                            index == 0
                                ? ""
                                : "\(row.difference < 0 ? "" : "+")\(row.difference.text(digits: 1)) \(result.unit)",
                            row.median.rate.map { $0.text(digits: 0) } ?? "",
                            "\(row.median.peakMegabytes.text(digits: 1)) MB", row.target ?? "",
                            row.isMet.map { $0 ? "met" : "**missed**" } ?? "",
                        ].joined(separator: " | ") + " |")
            }
        }
        let verdicts = results.flatMap(\.rows).compactMap(\.isMet)
        lines += ["", "\(verdicts.count { $0 }) of \(verdicts.count) targets met."]
        return lines.joined(separator: "\n")
    }

    /// Writes every sample and median.
    func writeJSON(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: URL(filePath: path))
    }
}
