import Synchronization

/// Where one store's trace goes.
final class CallTrace: Sendable {
    private let reader: Mutex<(@Sendable (String) -> Void)?>

    init(_ reader: @escaping @Sendable (String) -> Void) { self.reader = Mutex(reader) }

    /// Writes a line. One at a time, so that lines stand in the order of the calls.
    func write(_ line: String) {
        reader.withLock { $0?(line) }
    }

    /// Writes no more: the reader may be gone.
    func end() {
        reader.withLock { $0 = nil }
    }
}
