import DevelopmentController
import Foundation
import Testing

@testable import ZitiEnrollment

/// Every way in which controllers say no has a hint of its own.
struct RefusalHintTests {
    /// The recordings in which each code occurs, and a word of its hint.
    static let recorded = [
        ("enroll-ott-token-reused", "INVALID_ENROLLMENT_TOKEN", "used already"),
        ("enroll-ott-unknown-token", "INVALID_ENROLLMENT_TOKEN", "new JWT"),
        ("enroll-updb-token-reused", "INVALID_ENROLLMENT_TOKEN", "used already"),
        ("enroll-ottca-expired-token", "ENROLLMENT_EXPIRED", "too old"),
        ("enroll-wrong-method-ott-for-ottca-token", "INVALID_ENROLL_METHOD", "another way"),
        ("enroll-ott-bad-csr-signature", "COULD_NOT_PROCESS_CSR", "another key"),
        ("enroll-ca-no-client-cert", "CERT_FAILED_VALIDATION", "verified"),
        ("enroll-ca-unverified-ca", "CERT_FAILED_VALIDATION", "verified"),
        ("enroll-ottca-wrong-ca", "CERTIFICATE_FAILED_VALIDATION", "did not issue"),
        ("enroll-ottca-expired-client-cert", "CERTIFICATE_FAILED_VALIDATION", "out of date"),
        ("enroll-ca-cert-in-use", "CERT_IN_USE", "belongs to an identity"),
        ("enroll-ottca-cert-in-use", "CERT_IN_USE", "belongs to an identity"),
        ("enroll-updb-short-password", "COULD_NOT_VALIDATE", "Nothing was spent"),
        ("enroll-updb-no-password", "UNHANDLED", "log"),
        ("enroll-ott-accept-html", "UNSUPPORTED_MEDIA", "proxy"),
        ("enroll-http-get", "METHOD_NOT_ALLOWED", "too old"), ("unknown-path", "NOT_FOUND", "no such service"),
        ("authenticate-cert-unknown-cert", "INVALID_AUTH", "anew"),
        ("current-identity-no-session", "UNAUTHORIZED", "Try again"),
        ("enroll-ott-no-content-type", "COULD_NOT_VALIDATE", "proxy"),
        ("enroll-token-endpoint", "COULD_NOT_VALIDATE", "did not arrive"),
        ("authenticate-unknown-method", "COULD_NOT_VALIDATE", "this way of logging in"),
        ("extend-third-party-cert", "CAN_NOT_UPDATE_AUTHENTICATOR", "another authority's"),
        ("extend-verify-wrong-cert", "INVALID_CLIENT_CERT", "another certificate"),
        ("enroll-ca-endpoint", "", "failed"), ("enroll-jwks", "", "does not have it"),
    ]

    @Test(arguments: recorded, ["", "v2.0.3/"])
    func aRecordedRefusalHasAHintOfItsOwn(_ item: (String, String, String), _ folder: String) throws {
        let error = try Self.error(folder + item.0)
        #expect(error.code == .refusedByController)
        #expect(error.refusal?.code == item.1)
        #expect(error.hint.contains(item.2), "\(error.hint)")
    }

    /// What identifies a refusal, whatever it was an answer to.
    private struct Kind: Hashable {
        let status: Int
        let code: String
    }

    private static func error(_ recording: String) throws -> EnrollmentError {
        let answer = try Recordings.answer(recording)
        return ControllerAnswer(status: answer.status, contentType: "", body: answer.body).refused()
    }

    private static func kind(_ recording: String) throws -> Kind {
        let refusal = try #require(try error(recording).refusal)
        return Kind(status: refusal.status, code: refusal.code)
    }

    @Test func everyKindOfRefusalInTheRecordingsIsListedAbove() throws {
        let listed = Set(try Self.recorded.map { try Self.kind($0.0) })
        var found: Set<Kind> = []
        for name in try Recordings.names() where try Recordings.isRefusal(name) {
            let kind = try Self.kind(name)
            #expect(listed.contains(kind), "\(name) has a refusal that is not listed: \(kind)")
            found.insert(kind)
        }
        #expect(found == listed)
    }

    @Test func recordedRefusalsOfDifferentKindsHaveDifferentHints() throws {
        // What a proxy changes is seen in two ways, and no service in another two.
        let same: Set<Set<Kind>> = [
            [Kind(status: 415, code: "COULD_NOT_VALIDATE"), Kind(status: 415, code: "UNSUPPORTED_MEDIA")],
            [Kind(status: 404, code: "NOT_FOUND"), Kind(status: 405, code: "METHOD_NOT_ALLOWED")],
        ]
        let kinds = Dictionary(grouping: Set(try Self.recorded.map { try Self.kind($0.0) })) { kind in
            ControllerRefusal(status: kind.status, code: kind.code).hint
        }
        for (hint, kinds) in kinds where kinds.count > 1 { #expect(same.contains(Set(kinds)), "\(hint): \(kinds)") }
    }

    @Test(arguments: [
        (400, "MISSING_OR_INVALID_CSR"), (400, "ENROLLMENT_CA_NOT_VALID"), (400, "ENROLLMENT_NO_VALID_CAS"),
        (400, "MISSING_CERT_CLAIM"), (400, "COULD_NOT_PARSE_BODY"), (409, "ENROLLMENT_IDENTITY_ALREADY_ENROLLED"),
        (409, "INVALID_ENROLLMENT_NOT_ALLOWED"), (410, "INVALID_ENROLLMENT_ALREADY_ENROLLED"),
        (409, "ENROLLMENT_EXISTS"), (413, "REQUEST_ENTITY_TOO_LARGE"), (429, "RATE_LIMITED"),
        (429, "SERVER_TOO_MANY_REQUESTS"), (503, "TIMEOUT"), (503, "CLUSTER_NO_LEADER"),
    ])
    func aRefusalThatNoRecordingHasDoesToo(_ status: Int, _ code: String) {
        #expect(!ControllerRefusal(status: status, code: code).hint.isEmpty)
    }

    @Test func refusalsThatMeanDifferentThingsHaveDifferentHints() {
        let same: Set<Set<String>> = [
            ["RATE_LIMITED", "SERVER_TOO_MANY_REQUESTS", "TIMEOUT", "CLUSTER_NO_LEADER"],
            ["COULD_NOT_PARSE_BODY", "COULD_NOT_VALIDATE"], ["NOT_FOUND", "METHOD_NOT_ALLOWED"],
        ]
        let codes = Set(Self.recorded.map(\.1)).union([
            "MISSING_OR_INVALID_CSR", "ENROLLMENT_CA_NOT_VALID", "ENROLLMENT_NO_VALID_CAS", "MISSING_CERT_CLAIM",
            "ENROLLMENT_IDENTITY_ALREADY_ENROLLED", "INVALID_ENROLLMENT_NOT_ALLOWED",
            "INVALID_ENROLLMENT_ALREADY_ENROLLED", "ENROLLMENT_EXISTS", "REQUEST_ENTITY_TOO_LARGE", "RATE_LIMITED",
        ]).subtracting(same.flatMap { $0.sorted().dropFirst() })
        #expect(Set(codes.map { ControllerRefusal(status: 400, code: $0).hint }).count == codes.count)
    }

    // MARK: Busy

    @Test(arguments: [(429, "RATE_LIMITED"), (429, "SERVER_TOO_MANY_REQUESTS"), (503, "CLUSTER_NO_LEADER")])
    func aRequestThatWasTurnedAwayUnreadIsSentAgain(_ status: Int, _ code: String) async throws {
        let rig = try await Rig.start()
        let body = "{\"error\":{\"code\":\"\(code)\",\"message\":\"busy\"},\"meta\":{}}"
        for _ in 0..<3 {
            rig.controller.script(
                Fault(pathSuffix: "/enroll", effect: .answer(status: status, headers: [], body: body)))
        }
        try await rig.enroll()
        #expect(rig.posts == 4)
        try await rig.controller.shutdown()
    }

    @Test func aRequestThatStaysTurnedAwaySpendsNothing() async throws {
        let rig = try await Rig.start()
        let body = "{\"error\":{\"code\":\"RATE_LIMITED\",\"message\":\"busy\"},\"meta\":{}}"
        for _ in 0..<4 {
            rig.controller.script(Fault(pathSuffix: "/enroll", effect: .answer(status: 429, headers: [], body: body)))
        }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.refusal?.code == "RATE_LIMITED")
        #expect(try rig.folder.names().isEmpty)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [(503, "TIMEOUT"), (500, "UNHANDLED"), (502, "")])
    func aRequestThatMayHaveBeenDoneIsNotSentAgainByItself(_ status: Int, _ code: String) async throws {
        let rig = try await Rig.start()
        let body = code.isEmpty ? "bad gateway" : "{\"error\":{\"code\":\"\(code)\",\"message\":\"x\"},\"meta\":{}}"
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .answer(status: status, headers: [], body: body)))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.refusal?.status == status)
        #expect(rig.posts == 1)
        // What was sent is remembered, as it may have been done.
        #expect(try rig.folder.names() == ["identity.json.enrolling"])
        try await rig.enroll()
        try await rig.controller.shutdown()
    }
}
