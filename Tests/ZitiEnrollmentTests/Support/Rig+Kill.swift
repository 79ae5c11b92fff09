import Testing

@testable import ZitiEnrollment

extension Rig {
    /// Begins an enrollment and ends it at a milestone, as a kill would.
    func stop(at milestone: EnrollmentMilestone, options: EnrollmentOptions? = nil) async throws {
        let error = try await #require(throws: EnrollmentError.self) {
            try await enroll(options: options, stop: milestone)
        }
        #expect(error.underlying is EnrollmentMilestone.Interruption, "\(error)")
    }
}
