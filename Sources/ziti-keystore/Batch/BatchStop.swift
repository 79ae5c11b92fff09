import Synchronization

/// Says that no more rows are to be begun, and that those under way are to end where nothing is lost by it.
final class BatchStop: Sendable {
    private let isSet = Atomic(false)
    private let waiting = WaitingList()

    /// Whether it was said.
    var isStopping: Bool { isSet.load(ordering: .acquiring) }

    /// Says it.
    func stop() {
        isSet.store(true, ordering: .releasing)
        waiting.wakeAll()
    }

    /// Waits until it is said, or the task is cancelled.
    func wait() async {
        await waiting.wait { [self] in isStopping }
    }
}
