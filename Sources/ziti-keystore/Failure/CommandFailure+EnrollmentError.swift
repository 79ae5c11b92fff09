import KeyStoreAttestation
import KeyStoreCore
import ZitiEnrollment

extension CommandFailure {
    /// A failure of enrollment or authentication. One of the key store's keeps the store's own code and hint.
    init(_ error: EnrollmentError) {
        if let cause = error.keyStoreError, error.group == .keyStore || error.group == .cancelled {
            self.init(cause)
            if !error.hint.isEmpty { hint = error.hint }
            if error.message != cause.message { message = error.message }
        } else if let cause = error.underlying as? AttestationError {
            self.init(cause)
            if hint.isEmpty { hint = error.hint }
        } else {
            self.init(
                status: Self.status(of: error.group), code: "\(error.code)", message: error.message, hint: error.hint,
                native: error.keyStoreError?.native)
        }
        if operation.isEmpty, let step = error.step { operation = step.title }
        if let refusal = error.refusal { message += " [controller: \(refusal)]" }
    }

    /// The same, of a file: what is not known otherwise is that the file was read.
    init(_ error: EnrollmentError, file: String) {
        self.init(error)
        if operation.isEmpty { operation = "read file" }
        if subject.isEmpty { subject = file }
    }

    private static func status(of group: EnrollmentError.Group) -> ExitStatus {
        switch group {
        case .badInput: .badData
        case .exists: .exists
        case .unavailable, .keyStore: .unavailable
        case .defect: .defect
        case .cannotWrite: .cannotWrite
        case .tokenSpent: .tokenSpent
        case .refused: .refused
        case .notPermitted: .notPermitted
        case .timedOut: .timedOut
        case .cancelled: .cancelled
        }
    }
}
