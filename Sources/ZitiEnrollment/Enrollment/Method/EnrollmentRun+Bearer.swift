import KeyStoreCore

/// The method `token`, which controllers have since 2.0: whoever holds a JWT of a signer that the network knows.
extension EnrollmentRun {
    /// The headers that present the external JWT.
    func bearerHeaders() throws(EnrollmentError) -> [(String, String)] {
        guard let external = options.externalJWT else { throw EnrollmentError(.defect, "there is no external JWT") }
        return [("Authorization", "Bearer " + external.text), ("Content-Type", "application/json")]
    }

    /// Enrolls the holder of the external JWT, who gets no certificate and logs in with such JWTs.
    mutating func enrollBearer(trust: ControllerTrust) async throws {
        begin(.enroll)
        let outcome = try await send(
            Redemption(
                path: "/enroll/token", headers: try bearerHeaders(), body: Array("{}".utf8),
                tls: try clientTLS(trust), spentCodes: ["ENROLLMENT_IDENTITY_ALREADY_ENROLLED"],
                // There is nothing else that could have enrolled this very subject.
                confirm: { () throws(EnrollmentError) in true },
                lostHint: "Try to log in with an external JWT."),
            proof: nil)
        var controllers: [String]?
        if case .accepted(let answer) = outcome { controllers = EnrollmentAnswer(answer).controllers }
        try putDown(trust: trust, username: nil, controllers: controllers)
        try milestone(.certificateRecorded)
    }

    /// Throws `methodUnsupported` if the controller says that it is older than the method. One that does not tell its
    /// version, or a development build's, is asked to enroll all the same.
    func requireBearerEnrollment(trust: ControllerTrust) async throws(EnrollmentError) {
        let answer = try await ask(.GET, "/version", tls: try clientTLS(trust))
        guard answer.status == 200 else { throw answer.refused() }
        let version = PlainText.clean(try answer.data(Version.self, of: "version").version ?? "")
        guard let major = Int(version.drop { $0 == "v" }.prefix { $0.isASCII && $0.isNumber }) else { return }
        tell(.detail, "the controller's version is \(version)")
        guard major == 1 else { return }
        throw EnrollmentError(
            .methodUnsupported,
            "the controller's version is \(version), and enrollment with an external JWT begins with 2.0",
            hint: "Ask for an enrollment JWT of the method 'ott'.")
    }

    private struct Version: Decodable { let version: String? }
}
