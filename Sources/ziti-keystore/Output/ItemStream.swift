import KeyStoreCore

/// Prints a command's items one by one, each as soon as it is known, in the form that `CommandResult` gives all at once.
/// Where the command fails in the middle, what was printed stands, and JSON lacks its end.
final class ItemStream {
    private let isJSON: Bool
    private let frame: (before: String, after: String)
    private var isEmpty = true
    private var failure: (any Error)?

    init(_ command: String, isJSON: Bool) {
        self.isJSON = isJSON
        frame = CommandResult.frame(of: command)
    }

    /// Whether nothing more can be printed.
    var isBroken: Bool { failure != nil }

    /// Prints an item. False once nothing more can be printed.
    func print(_ json: @autoclosure () -> JSONValue, text: @autoclosure () -> String) -> Bool {
        guard failure == nil else { return false }
        do {
            if isJSON {
                try StandardStream.print(Array(((isEmpty ? frame.before : ",") + json().text).utf8))
            } else {
                try StandardStream.print(line: text())
            }
            isEmpty = false
        } catch {
            failure = error
        }
        return failure == nil
    }

    /// Prints what stands after the last item. Throws what went wrong with printing, now or before.
    func end() throws {
        if let failure { throw failure }
        if isJSON { try StandardStream.print(line: (isEmpty ? frame.before : "") + frame.after) }
    }
}
