import KeyStoreCore
import ZitiEnrollment

/// What became of a row.
struct RowResult: Sendable {
    enum Outcome: Sendable {
        case enrolled(EnrollmentResult)
        /// The identity file is there already, and is the row's.
        case alreadyDone(FinishedIdentity)
        case failed(CommandFailure)
        /// The batch was stopped before the row was done.
        case interrupted
    }

    /// The line of the manifest.
    let line: Int
    /// The output path as the manifest has it; empty where that cannot be read.
    let out: String
    /// The key's reference without secrets; empty where it cannot be read.
    let key: String
    /// What became of it.
    let outcome: Outcome
}
