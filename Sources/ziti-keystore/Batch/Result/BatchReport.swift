import Glibc

/// What is said at the end of a batch.
struct BatchReport: Sendable {
    let counts: BatchTally.Counts
    let elapsed: Duration
    let wasInterrupted: Bool

    /// The order in which failures decide the exit status: first what has cost something, then what a person must see to, then
    /// what another run may do by itself, and last what is wrong with the manifest.
    static let severity: [ExitStatus] = [
        .defect, .tokenSpent, .refused, .notPermitted, .configuration, .cannotWrite, .unavailable, .timedOut,
        .cancelled,
        .exists, .ambiguous, .notFound, .badData, .usage,
    ]

    /// The exit status: 130 where it was interrupted, else that of the worst failure.
    var status: ExitStatus {
        if wasInterrupted { return .cancelled }
        let statuses = Set(counts.failures.values.map(\.status))
        return Self.severity.first(where: statuses.contains) ?? .done
    }

    /// What the command ends with; nil where all rows are done.
    var failure: CommandFailure? {
        if wasInterrupted {
            return CommandFailure(
                status: .cancelled, code: "cancelled", message: "it was interrupted: \(summary)",
                hint: "run the same batch again to go on; what is done is not repeated")
        }
        guard counts.failed > 0 else { return nil }
        return CommandFailure(
            status: status, code: "batchIncomplete", message: "not all rows are done: \(summary)",
            hint: "run the same batch again when the reasons are gone; what is done is not repeated")
    }

    /// What the command ends with where the manifest could not be read to its end: that, with the status of what is worst.
    func failure(after unread: any Error) -> any Error {
        guard var failure = unread as? CommandFailure else { return unread }
        let statuses = [failure.status, status]
        failure.status = Self.severity.first(where: statuses.contains) ?? failure.status
        return failure
    }

    /// The counts in one line.
    var summary: String {
        var parts = ["\(counts.enrolled) enrolled", "\(counts.alreadyDone) already done", "\(counts.failed) failed"]
        if counts.interrupted > 0 { parts.append("\(counts.interrupted) interrupted") }
        return parts.joined(separator: ", ")
    }

    /// The report for a person: the counts and the time, and a line for each kind of failure.
    var text: String {
        let lines = reasons.map { code, failures in
            let message = StandardStream.sanitised(failures.message).replacingNewlines
            return "  \(failures.count) \(code), first in line \(failures.line): \(message)"
        }
        return (["\(summary), in \(secondsText) s"] + lines).joined(separator: "\n")
    }

    /// The same as JSON.
    var json: JSONValue {
        .object([
            ("enrolled", .number(counts.enrolled)), ("alreadyDone", .number(counts.alreadyDone)),
            ("failed", .number(counts.failed)), ("interrupted", .number(counts.interrupted)),
            (
                "failures",
                .array(
                    reasons.map { code, failures in
                        .object([
                            ("code", .string(code)), ("count", .number(failures.count)),
                            ("firstLine", .number(failures.line)), ("message", .string(failures.message)),
                        ])
                    })
            ),
            ("seconds", .thousandths(milliseconds)),
            ("peakMemoryKilobytes", ProcessMemory.peakKilobytes.map { .number($0) } ?? .null),
        ])
    }

    private var reasons: [(String, BatchTally.Failures)] {
        counts.failures.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { ($0.key, $0.value) }
    }

    private var milliseconds: Int { Int(elapsed / .milliseconds(1)) }

    private var secondsText: String { JSONValue.thousandths(milliseconds).text }
}
