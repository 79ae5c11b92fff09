import DevelopmentController
import KeyStoreCore
import Testing

@testable import ZitiEnrollment

/// What does not go together is found before anything is done.
struct EnrollmentPlanTests {
    private func jwt(_ method: String) throws -> EnrollmentJWT {
        try EnrollmentJWT(EnrollmentJWTTests.jwt(EnrollmentJWTTests.claims(em: "\"\(method)\"")))
    }

    private func refusal(
        _ method: String, hasKey: Bool, _ change: (inout EnrollmentOptions) throws -> Void = { _ in }
    ) throws -> EnrollmentError {
        var options = EnrollmentOptions(outputPath: "out.json")
        try change(&options)
        let jwt = try jwt(method)
        return try #require(throws: EnrollmentError.self) {
            try Enrollment(jwt: jwt, options: options).requireOptions(hasKey: hasKey)
        }
    }

    @Test(arguments: ["ott", "ottca", "ca"])
    func aMethodThatNeedsAKeySaysSo(_ method: String) throws {
        let error = try refusal(method, hasKey: false)
        #expect(error.code == .inputInvalid)
        #expect(error.message == "the method '\(method)' needs a key")
    }

    @Test(arguments: ["network", "updb"])
    func aMethodThatHasNoUseForAKeySaysSo(_ method: String) throws {
        let error = try refusal(method, hasKey: true) { options in
            if method == "updb" { options.password = EnrollmentPassword { () throws(KeyStoreError) in try PIN("x") } }
        }
        #expect(error.message.contains("no use for a key"))
    }

    @Test func whatBelongsToAnotherMethodIsRefused() throws {
        #expect(try refusal("ott", hasKey: true) { $0.certificate = "x" }.message.contains("certificate"))
        #expect(try refusal("ottca", hasKey: true) { $0.generate = .ecP256 }.message.contains("makes none"))
        #expect(try refusal("ottca", hasKey: true) { $0.requestedName = "x" }.message.contains("takes no name"))
        #expect(try refusal("updb", hasKey: false).message.contains("needs a password"))
        #expect(
            try refusal("ott", hasKey: true) { options in
                options.password = EnrollmentPassword { () throws(KeyStoreError) in try PIN("x") }
            }.message.contains("sets no password"))
        #expect(
            try refusal("ott", hasKey: true) { $0.externalJWT = try TokenIssuer().jwt("x") }
                .message.contains("takes no external JWT"))
    }
}
