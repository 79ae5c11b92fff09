import ZitiEnrollment

extension Report {
    /// A step of a renewal or a key roll, on a line of its own, and what is worth knowing of it below.
    func progress(_ progress: RenewalProgress) {
        switch progress.kind {
        case .began:
            let step = "[\(progress.step.rawValue)/\(RenewalStep.allCases.count)] \(progress.step.title)"
            StandardStream.tell(progress.text.isEmpty ? step : "\(step): \(progress.text)")
        case .detail: StandardStream.tell("        \(progress.text)")
        case .warning: warning(progress.text)
        }
    }
}
