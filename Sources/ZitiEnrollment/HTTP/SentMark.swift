/// Remembers whether a request may have left this machine. Set on an event loop, read by the task that waits.
final class SentMark: Sendable {
    private let value = SharedValue(false)

    /// Whether it may.
    var isSet: Bool { value.current }

    /// Remembers that it may.
    func set() { value.update { $0 = true } }
}
