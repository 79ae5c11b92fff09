import NIOConcurrencyHelpers

/// Remembers whether a request may have left this machine. Set on an event loop, read by the task that waits.
final class SentMark: Sendable {
    private let value = NIOLockedValueBox(false)

    /// Whether it may.
    var isSet: Bool { value.withLockedValue { $0 } }

    /// Remembers that it may.
    func set() { value.withLockedValue { $0 = true } }
}
