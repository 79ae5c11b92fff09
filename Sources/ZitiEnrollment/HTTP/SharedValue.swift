import Synchronization

/// A value that a task and an event loop share.
final class SharedValue<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    /// The value as it is now.
    var current: Value { mutex.withLock { $0 } }

    /// Changes the value.
    func update(_ change: (inout Value) -> Void) { mutex.withLock { change(&$0) } }
}
