import Synchronization

@testable import ZitiEnrollment

/// Collects what a renewal tells.
final class RenewalMessages: Sendable {
    private let list = Mutex<[RenewalProgress]>([])
    var all: [RenewalProgress] { list.withLock { $0 } }
    var warnings: [String] { all.filter { $0.kind == .warning }.map(\.text) }
    var steps: [RenewalStep] { all.filter { $0.kind == .began }.map(\.step) }
    func append(_ message: RenewalProgress) { list.withLock { $0.append(message) } }
}
