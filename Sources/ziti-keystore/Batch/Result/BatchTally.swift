import Synchronization

/// Counts what became of rows. Grows with the kinds of failure, not with the rows.
final class BatchTally: Sendable {
    /// Failures of one kind.
    struct Failures: Sendable {
        var count = 0
        /// The first one: its line, and what it said.
        let line: Int
        let message: String
        let status: ExitStatus
    }

    /// What was counted.
    struct Counts: Sendable {
        var enrolled = 0
        var alreadyDone = 0
        var interrupted = 0
        /// By the failure's code.
        var failures: [String: Failures] = [:]

        var failed: Int { failures.values.reduce(0) { $0 + $1.count } }
    }

    private let state = Mutex(Counts())

    /// The counts so far.
    var counts: Counts { state.withLock { $0 } }

    /// Counts a result.
    func add(_ result: RowResult) {
        state.withLock { counts in
            switch result.outcome {
            case .enrolled: counts.enrolled += 1
            case .alreadyDone: counts.alreadyDone += 1
            case .interrupted: counts.interrupted += 1
            case .failed(let failure):
                counts.failures[
                    failure.code,
                    default: Failures(line: result.line, message: failure.message, status: failure.status)
                ].count += 1
            }
        }
    }
}
