import ZitiEnrollment

extension Report {
    /// A step of an enrollment, on a line of its own, and what is worth knowing of it below.
    func progress(_ progress: EnrollmentProgress) {
        switch progress.kind {
        case .began:
            let step = "[\(progress.step.rawValue)/\(EnrollmentStep.allCases.count)] \(progress.step.title)"
            StandardStream.tell(progress.text.isEmpty ? step : "\(step): \(progress.text)")
        case .detail: StandardStream.tell("       \(progress.text)")
        case .warning: warning(progress.text)
        }
    }
}
