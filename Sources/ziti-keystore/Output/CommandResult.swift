import KeyStoreCore

/// A command's result in both forms: `{"format":1,"COMMAND":[…]}` on one line, or text.
enum CommandResult {
    /// The version of the JSON forms. It changes when a member is renamed, removed or means something else.
    static let format = 1

    static func json(_ command: String, _ items: [JSONValue]) -> String {
        let frame = frame(of: command)
        return frame.before + items.map(\.text).joined(separator: ",") + frame.after
    }

    /// What stands before and after the items.
    static func frame(of command: String) -> (before: String, after: String) {
        // The empty result, cut where the items go.
        let empty = JSONValue.object([("format", .number(format)), (command, .array([]))]).text
        return (String(empty.dropLast(2)), String(empty.suffix(2)))
    }

    static func json(_ failure: CommandFailure) -> String {
        JSONValue.object([("error", errorValue(failure))]).text
    }

    /// What a failure is in JSON.
    static func errorValue(_ failure: CommandFailure) -> JSONValue {
        var native = JSONValue.null
        if let error = failure.native {
            native = .object([
                ("domain", .string(error.domain)), ("function", .string(error.function)),
                ("name", .string(error.name)), ("number", .number(Int(error.number))),
            ])
        }
        return .object([
            ("code", .string(failure.code)), ("message", .string(failure.message)),
            ("operation", .string(failure.operation)), ("subject", .string(failure.subject)),
            ("hint", .string(failure.hint)), ("native", native),
        ])
    }

    static func text(_ failure: CommandFailure) -> String {
        var text = "error: \(failure.message)"
        if let native = failure.native { text += " [\(native)]" }
        if !failure.hint.isEmpty { text += "\nhint: \(failure.hint)" }
        return text
    }
}
