import Synchronization

@testable import ZitiEnrollment

/// Collects what an enrollment tells.
final class Messages: Sendable {
    private let list = Mutex<[EnrollmentProgress]>([])
    var all: [EnrollmentProgress] { list.withLock { $0 } }
    var warnings: [String] { all.filter { $0.kind == .warning }.map(\.text) }
    func append(_ message: EnrollmentProgress) { list.withLock { $0.append(message) } }
}
