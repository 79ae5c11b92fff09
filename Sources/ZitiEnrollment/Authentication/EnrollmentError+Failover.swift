extension EnrollmentError {
    /// Whether another controller of the same network may do what this one did not: it was not reached, did not answer in
    /// time, cannot prove who it is, or says that it cannot work now. A refusal of the identity is every controller's.
    package var mayPassElsewhere: Bool {
        switch code {
        case .controllerUnreachable, .timedOut, .certificateNotTrusted: true
        case .refusedByController: refusal.map { $0.status >= 500 || $0.status == 429 } ?? false
        default: false
        }
    }

    /// What to throw when every controller was tried in vain. One attempt alone keeps its own error; several keep their code
    /// where it is the same, and each has its sentence in the message.
    package static func noneServed(_ attempts: [ControllerAttempt]) -> EnrollmentError {
        guard let last = attempts.last else {
            return EnrollmentError(.defect, "no controller was tried")
        }
        guard attempts.count > 1 else { return last.error }
        let failures = ControllerFailures(attempts: attempts)
        return EnrollmentError(
            Set(attempts.map(\.error.code)).count == 1 ? last.error.code : .controllerUnreachable,
            "none of \(attempts.count) controllers served: \(failures)",
            hint: "Check that one of the controllers runs and that this machine can reach it.",
            refusal: last.error.refusal, underlying: failures)
    }
}
