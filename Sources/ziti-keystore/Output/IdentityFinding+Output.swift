import ZitiEnrollment

extension IdentityFinding {
    /// One line: what came of it, what was looked at, and what was found.
    var line: String {
        let word = verdict == .passed ? "ok" : verdict.rawValue
        return "\(word)\t\(subject.rawValue)\t\(StandardStream.sanitised(text).replacingNewlines)"
    }

    /// The finding as a member of JSON output. `status` is the exit status that a failure stands for.
    var json: JSONValue {
        .object([
            ("check", .string(subject.rawValue)), ("verdict", .string(verdict.rawValue)), ("text", .string(text)),
            ("hint", .string(hint)), ("code", failure.map { .string($0.code) } ?? .null),
            ("status", .number(Int((failure?.status ?? .done).rawValue))),
        ])
    }

    /// The failure in the command line's words; nil where there is none.
    var failure: CommandFailure? { verdict == .failed ? error.map { CommandFailure($0) } : nil }
}
