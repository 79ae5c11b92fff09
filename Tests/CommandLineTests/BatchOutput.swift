import ChildProcess
import Foundation
import Testing

/// What a batch prints with `--json`: an object for each row, in the command's usual frame, and the report.
struct BatchOutput {
    /// The rows' results, in the order in which they came.
    let items: [[String: Any]]
    /// The report.
    let report: [String: Any]
    let outcome: ProgramOutcome

    init(_ outcome: ProgramOutcome) throws {
        var items: [[String: Any]] = []
        var report: [String: Any]?
        for line in outcome.outputText.split(separator: "\n") {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["format"] as? Int == 1)
            #expect(report == nil, "something follows the report")
            if let found = object["report"] as? [String: Any] {
                report = found
            } else {
                let rows = try #require(object["enroll"] as? [[String: Any]])
                #expect(rows.count == 1 && rows.allSatisfy { $0["uri"] is String })
                items += rows
            }
        }
        self.items = items
        self.report = try #require(report, "\(outcome)")
        self.outcome = outcome
    }

    /// Each row's status, in the order of the manifest.
    var statuses: [String] { sorted.map { $0["status"] as? String ?? "" } }

    /// The codes of the failures, in the order of the manifest.
    var codes: [String] { sorted.compactMap { ($0["error"] as? [String: Any])?["code"] as? String } }

    /// What failures said, in the order of the manifest.
    var messages: [String] { sorted.compactMap { ($0["error"] as? [String: Any])?["message"] as? String } }

    /// The lines of the manifest that rows began on.
    var lines: [Int] { sorted.compactMap { $0["line"] as? Int } }

    /// The output paths, in the order of the manifest.
    var outs: [String] { sorted.compactMap { $0["out"] as? String } }

    /// A number of the report.
    func count(_ name: String) -> Int { report[name] as? Int ?? -1 }

    private var sorted: [[String: Any]] {
        items.sorted { ($0["line"] as? Int ?? 0) < ($1["line"] as? Int ?? 0) }
    }
}
