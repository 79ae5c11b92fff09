import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// Enrollments whose token was sent, and whose answer never came or is no certificate.
struct LostAnswerTests {
    @Test func aLostAnswerIsTriedOnceMoreAndTheTokenIsSaidToBeSpent() async throws {
        let rig = try await Rig.start(key: nil)
        var options = rig.options
        options.generate = .ecP256
        try await rig.stop(at: .answerReceived, options: options)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.code == .tokenSpent)
        #expect(error.group == .tokenSpent)
        #expect(error.step == .enroll)
        #expect(error.hint.contains("new JWT"))
        #expect(error.hint.contains("--key"))
        #expect(error.refusal?.code == "INVALID_ENROLLMENT_TOKEN")
        #expect(rig.posts == 2)
        #expect(try await rig.store.keyCount() == 1)

        // The remedy that the hint names, with and without --generate.
        let again = try rig.controller.makeEnrollment(name: "again")
        let result = try await rig.enroll(jwt: again.jwt, options: options)
        #expect(result.isKeyGenerated)
        #expect(result.identityID == again.identityID)
        #expect(try await rig.store.keyCount() == 1)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func theRemedyWorksIntoAnotherFileToo() async throws {
        let rig = try await Rig.start()
        try await rig.stop(at: .answerReceived)
        let again = try rig.controller.makeEnrollment(name: "again")
        var options = rig.options
        options.outputPath = rig.folder.path + "/again.json"
        #expect(try await rig.enroll(jwt: again.jwt, options: options).identityID == again.identityID)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [Fault.Effect.closeAfterProcessing, .truncateBody(bytes: 40), .truncateBody(bytes: 0)])
    func anAnswerThatBreaksOffIsReportedAsLost(_ effect: Fault.Effect) async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: effect))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .answerLost)
        #expect(error.group == .tokenSpent)
        #expect(error.hint.contains("again"))
        #expect(rig.posts == 1)
        #expect(try rig.folder.names() == ["identity.json.enrolling"])
        let second = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(second.code == .tokenSpent)
        #expect(rig.posts == 2)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [false, true])
    func anAnswerWhoseBodyDoesNotEndIsReportedAsLostInTime(_ drips: Bool) async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .hangInBody(drips: drips)))
        var options = rig.options
        options.timeoutSeconds = 5
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.code == .answerLost)
        #expect((error.underlying as? EnrollmentError)?.code == .timedOut)
        #expect(try rig.folder.names() == ["identity.json.enrolling"])
        try await rig.controller.shutdown()
    }

    @Test func aConnectionThatClosesBeforeTheTokenIsReadIsTriedOnceMoreAndSucceeds() async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .closeBeforeProcessing))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .answerLost)
        #expect(try await rig.enroll().isResumed)
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["not JSON", "{}", "{\"data\":{\"cert\":\"\"}}", ""])
    func anAnswerThatIsNoCertificateIsReportedAsLost(_ body: String) async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .answer(status: 200, headers: [], body: body)))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .answerLost)
        #expect(try await rig.enroll().isResumed)
        try await rig.controller.shutdown()
    }

    @Test func whatCameInPlaceOfACertificateIsKeptForAPerson() async throws {
        let rig = try await Rig.start()
        let body = "{\"data\":{\"certificate\":\"MIIB\"}}"
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .answer(status: 200, headers: [], body: body)))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .answerLost)
        #expect(error.hint.contains("identity.json.rejected.pem"))
        #expect(try rig.folder.names().sorted() == ["identity.json.enrolling", "identity.json.rejected.pem"])
        let path = rig.output + ".rejected.pem"
        #expect(try String(contentsOfFile: path, encoding: .utf8) == body)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try await rig.controller.shutdown()
    }

    @Test func anIntermediateThatCannotBeReadIsLeftOutWithAWarning() async throws {
        let rig = try await Rig.start()
        try await rig.enroll()
        // The same key and identity again, with the certificate that the controller issued and something that is none.
        let issued = CertificateList.pem(try rig.identity().certificates)
        let body = issued + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .answer(status: 200, headers: [], body: body)))
        var options = rig.options
        options.outputPath = rig.folder.path + "/again.json"
        try await rig.enroll(options: options)
        #expect(try IdentityFile(path: options.outputPath).certificates == rig.identity().certificates)
        #expect(rig.messages.all.contains { $0.kind == .warning && $0.text.contains("1 of the intermediates") })
        try await rig.controller.shutdown()
    }

    @Test func anotherStatusOfSuccessIsReadForItsCertificate() async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .answer(status: 201, headers: [], body: "{}")))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        // Read, and found to hold none.
        #expect(error.code == .answerLost)
        #expect(error.message.contains("not what a controller sends"), "\(error)")
        try await rig.controller.shutdown()
    }

    @Test func anAnswerThatIsTooLongIsReportedAsLost() async throws {
        let rig = try await Rig.start()
        let body = String(repeating: " ", count: ControllerConnection.maximumLength + 1)
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .answer(status: 200, headers: [], body: body)))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .answerLost)
        #expect(error.message.contains("longer than"))
        try await rig.controller.shutdown()
    }

    @Test func aFailureOfTheServerLeavesOpenWhetherTheTokenIsSpent() async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .answer(status: 503, headers: [], body: "")))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .refusedByController)
        #expect(error.hint.contains("again"))
        #expect(try rig.folder.names() == ["identity.json.enrolling"])
        #expect(try await rig.enroll().isResumed)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [
        ("COULD_NOT_VALIDATE", true), ("UNSUPPORTED_MEDIA", true), ("CERT_FAILED_VALIDATION", true),
        ("ENROLLMENT_EXPIRED", false), ("INVALID_ENROLL_METHOD", false), ("COULD_NOT_PROCESS_CSR", false),
    ])
    func onlyARefusalThatProvesTheTokenUnspentEndsADoubt(_ code: String, _ isKept: Bool) async throws {
        let rig = try await Rig.start()
        try await rig.stop(at: .postRecorded)
        rig.controller.script(
            Fault(
                pathSuffix: "/enroll",
                effect: .answer(status: 400, headers: [], body: "{\"error\":{\"code\":\"\(code)\"}}")))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .refusedByController)
        #expect(error.refusal?.code == code)
        #expect(error.hint.contains("may have enrolled") == isKept)
        #expect(try rig.folder.names() == (isKept ? ["identity.json.enrolling"] : []))
        try await rig.controller.shutdown()
    }

    @Test func anExpiredTokenIsLeftToTheControllerOnceItWasSent() async throws {
        let rig = try await Rig.start()
        try await rig.stop(at: .answerReceived)
        let expired = try rig.controller.makeJWT(for: rig.enrollment) { $0.expiresAt = .now - 3600 }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: expired) }
        #expect(error.code == .tokenSpent)
        try await rig.controller.shutdown()
    }
}
