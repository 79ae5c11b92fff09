import KeyStoreCore

/// What was not as it must be.
struct StressFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    static func demand(_ condition: Bool, _ description: @autoclosure () -> String) throws(StressFailure) {
        if !condition { throw StressFailure(description()) }
    }
}
