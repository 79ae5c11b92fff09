/// A value for each step on the way to a key.
struct KeySteps<Value: Sendable>: Sendable {
    /// Of opening the store.
    var open: Value
    /// Of opening a session and logging in.
    var login: Value
    /// Of finding the key.
    var find: Value

    /// The values in their order.
    var all: [Value] { [open, login, find] }
}

extension KeySteps {
    /// Puts the values of several openings together, step by step.
    static func combine<Result: Sendable>(
        _ openings: [KeySteps<Value>], _ body: ([Value]) -> Result
    ) -> KeySteps<Result> {
        KeySteps<Result>(
            open: body(openings.map(\.open)), login: body(openings.map(\.login)), find: body(openings.map(\.find)))
    }
}
