import KeyStoreAttestation
import KeyStoreCore
import ZitiEnrollment

extension CommandFailure {
    /// Any error that a command may throw. What nobody foresaw is a defect of this program.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as KeyStoreError: self.init(error)
        case let error as EnrollmentError: self.init(error)
        case let error as AttestationError: self.init(error)
        case is CancellationError: self.init(status: .cancelled, code: "cancelled", message: "it was cancelled")
        default:
            self.init(
                status: .defect, code: "defect", message: "an error that nobody foresaw: \(error)",
                hint: "please report this, with the command line but without secrets")
        }
    }
}
