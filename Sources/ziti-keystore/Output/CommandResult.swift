import KeyStoreCore

/// A command's result in both forms: `{"format":1,"COMMAND":[…]}` on one line, or text.
enum CommandResult {
    /// The version of the JSON forms. It changes when a member is renamed, removed or means something else.
    static let format = 1

    static func json(_ command: String, _ items: [JSONValue]) -> String {
        JSONValue.object([("format", .number(format)), (command, .array(items))]).text
    }

    static func json(_ failure: CommandFailure) -> String {
        var native = JSONValue.null
        if let error = failure.native {
            native = .object([
                ("domain", .string(error.domain)), ("function", .string(error.function)),
                ("name", .string(error.name)), ("number", .number(Int(error.number))),
            ])
        }
        return JSONValue.object([
            (
                "error",
                .object([
                    ("code", .string(failure.code)), ("message", .string(failure.message)),
                    ("operation", .string(failure.operation)), ("subject", .string(failure.subject)),
                    ("hint", .string(failure.hint)), ("native", native),
                ])
            )
        ]).text
    }

    static func text(_ failure: CommandFailure) -> String {
        var text = "error: \(failure.message)"
        if let native = failure.native { text += " [\(native)]" }
        if !failure.hint.isEmpty { text += "\nhint: \(failure.hint)" }
        return text
    }
}
