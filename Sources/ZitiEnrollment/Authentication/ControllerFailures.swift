/// Every controller that was tried, in order: what `underlying` of an error holds where none of several served.
public struct ControllerFailures: Error, CustomStringConvertible {
    /// The attempts, in the order in which they were made.
    public var attempts: [ControllerAttempt]

    /// One sentence for each controller.
    public var description: String { attempts.map(\.description).joined(separator: "; ") }
}
