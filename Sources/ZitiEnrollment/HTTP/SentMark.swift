/// Remembers whether a request may have left this machine. Set on an event loop, read by the task that waits.
package final class SentMark: Sendable {
    private let value = SharedValue(false)

    /// A mark that is not set.
    package init() {}

    /// Whether it may.
    package var isSet: Bool { value.current }

    /// Remembers that it may.
    package func set() { value.update { $0 = true } }
}
