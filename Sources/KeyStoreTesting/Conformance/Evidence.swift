import Synchronization

extension KeyStoreConformance {
    /// The declared limits that were met: something was refused because of each.
    final class Evidence: Sendable {
        private let met = Mutex<Set<Limit>>([])

        var limits: Set<Limit> { met.withLock { $0 } }

        func add(_ limit: Limit) { met.withLock { _ = $0.insert(limit) } }
    }
}
