import TemporaryFiles
import DevelopmentController
import Testing

@testable import ZitiEnrollment

extension Rig {
    /// Enrolls, expects a failure, and that nothing was sent, that nothing stays, and that the token is good.
    func expectUntouched(
        _ code: EnrollmentError.Code, at step: EnrollmentStep?, jwt: String? = nil,
        options: EnrollmentOptions? = nil, key: KeySource? = nil, leaves names: [String] = []
    ) async throws -> EnrollmentError {
        let error = try await #require(throws: EnrollmentError.self) {
            try await enroll(jwt: jwt, options: options, key: key)
        }
        #expect(error.code == code, "\(error)")
        #expect(error.step == step)
        #expect(posts == 0)
        #expect(try folder.names() == names)
        #expect(try await tokenStillWorks())
        #expect(!"\(error) \(error.hint)".contains(enrollment.token))
        return error
    }
}
