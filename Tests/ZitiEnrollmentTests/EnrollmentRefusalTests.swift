import TemporaryFiles
import DevelopmentController
import Foundation
import KeyStoreCore
import Testing

@testable import ZitiEnrollment

/// Enrollments that the JWT or the controller prevents, and what is left then.
struct EnrollmentRefusalTests {
    // MARK: The JWT

    @Test func aMalformedJWTIsRefused() async throws {
        let rig = try await Rig.start()
        _ = try await rig.expectUntouched(.jwtMalformed, at: nil, jwt: "not.a.jwt")
        try await rig.controller.shutdown()
    }

    @Test func aJWTSignedBySomebodyElseIsRefusedInTheHandshake() async throws {
        let rig = try await Rig.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.isSignedByServer = false }
        let error = try await rig.expectUntouched(.jwtSignatureInvalid, at: .verifyJWT, jwt: jwt)
        #expect(error.group == .badInput)
        #expect(rig.store.sessionCount == 0)
        try await rig.controller.shutdown()
    }

    @Test func aJWTOfAnotherControllerIsRefusedInTheHandshake() async throws {
        let rig = try await Rig.start()
        let other = try await Controller.start()
        let foreign = try other.makeEnrollment(name: "x")
        let jwt = try other.makeJWT(for: foreign) { $0.issuer = rig.controller.url }
        let error = try await rig.expectUntouched(.jwtSignatureInvalid, at: .verifyJWT, jwt: jwt)
        #expect(error.hint.contains("another controller of the cluster"))
        #expect(rig.controller.requests.allSatisfy { $0.method != "GET" || $0.path.isEmpty == false })
        try await other.shutdown()
        try await rig.controller.shutdown()
    }

    @Test func anExpiredJWTIsRefusedAndTheControllerAskedForTheTimeOnly() async throws {
        let rig = try await Rig.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.expiresAt = .now - 120 }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: jwt) }
        #expect(error.code == .jwtExpired)
        #expect(!error.message.contains("clock"))
        #expect(rig.controller.requests.map(\.path) == ["/edge/client/v1/version"])
        try await rig.controller.shutdown()
    }

    @Test func anExpiredJWTIsRefusedWithoutItsControllerToo() async throws {
        let rig = try await Rig.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.expiresAt = .now - 120 }
        try await rig.controller.shutdown()
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: jwt) }
        #expect(error.code == .jwtExpired)
    }

    @Test func aJWTThatExpiredWithinTheLeewayIsLeftToTheController() async throws {
        let rig = try await Rig.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.expiresAt = .now - 30 }
        try await rig.enroll(jwt: jwt)
        #expect(rig.posts == 1)
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["token", "erott", "trott", "else"])
    func aJWTOfAnotherMethodIsRefusedWithoutAskingTheController(_ method: String) async throws {
        let rig = try await Rig.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.method = method }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: jwt) }
        #expect(error.code == .methodUnsupported)
        #expect(rig.controller.requests.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func aJWTWithoutKidIsAccepted() async throws {
        let rig = try await Rig.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.keyID = nil }
        try await rig.enroll(jwt: jwt)
        #expect(rig.messages.warnings.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func aKidThatDiffersOverAValidSignatureIsAWarning() async throws {
        let rig = try await Rig.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.keyID = String(repeating: "0", count: 40) }
        try await rig.enroll(jwt: jwt)
        #expect(rig.messages.warnings.contains { $0.contains("issued anew") })
        try await rig.controller.shutdown()
    }

    @Test func aTokenThatWasUsedIsRefusedByTheController() async throws {
        let rig = try await Rig.start()
        try await rig.enroll()
        var options = rig.options
        options.outputPath = rig.folder.path + "/second.json"
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.code == .refusedByController)
        #expect(error.refusal?.code == "INVALID_ENROLLMENT_TOKEN")
        #expect(error.hint.contains("used already"))
        #expect(error.step == .enroll)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    // MARK: The controller

    @Test func aControllerThatIsNotThereIsUnreachable() async throws {
        let rig = try await Rig.start()
        try await rig.controller.shutdown()
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .controllerUnreachable)
        #expect(error.step == .verifyJWT)
        #expect(error.group == .unavailable)
        #expect(rig.store.sessionCount == 0)
        #expect(try rig.folder.names().isEmpty)
    }

    @Test func aCertificateForAnotherHostIsRefused() async throws {
        var configuration = Controller.Configuration()
        configuration.certificateHostNames = ["other.example.org"]
        let rig = try await Rig.start(configuration)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .certificateNotTrusted)
        #expect(error.message.contains("localhost"))
        #expect(rig.controller.requests.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func aCertificateForAnotherAddressIsRefused() async throws {
        var configuration = Controller.Configuration()
        configuration.host = "127.0.0.1"
        configuration.certificateAddresses = ["192.0.2.1"]
        let rig = try await Rig.start(configuration)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .certificateNotTrusted)
        #expect(rig.controller.requests.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [-20.0 * 365 * 86_400, 20.0 * 365 * 86_400])
    func aServerCertificateThatIsNotValidNowIsRefused(_ seconds: Double) async throws {
        let clock = ManualClock(Date().addingTimeInterval(seconds))
        var configuration = Controller.Configuration()
        configuration.now = { clock.now }
        let rig = try await Rig.start(configuration)
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.expiresAt = .now + 3600 }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: jwt) }
        #expect(error.code == .certificateNotTrusted)
        #expect(error.hint.contains("clock"))
        #expect(error.message.contains(seconds < 0 ? "ahead of" : "behind"), "\(error)")
        // It was asked for the time, and for nothing else.
        #expect(rig.controller.requests.map(\.path) == ["/edge/client/v1/version"])
        try await rig.controller.shutdown()
    }

    @Test func aBundleOfAnotherPKIIsRefused() async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: .serveForeignBundle))
        _ = try await rig.expectUntouched(.certificateNotTrusted, at: .fetchAuthorities)
        #expect(rig.messages.all.allSatisfy { $0.step <= .fetchAuthorities } || rig.posts > 0)
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["", "garbage", "{\"data\":{}}", "MIIEsQYJKoZIhvcNAQcCoIIEoj"])
    func aBundleOfGarbageIsRefused(_ body: String) async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: .answer(status: 200, headers: [], body: body)))
        _ = try await rig.expectUntouched(.caBundleInvalid, at: .fetchAuthorities)
        try await rig.controller.shutdown()
    }

    @Test func aHugeBundleIsRefused() async throws {
        let rig = try await Rig.start()
        let body = String(repeating: "A", count: CertificateBundle.maximumLength + 1)
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: .answer(status: 200, headers: [], body: body)))
        _ = try await rig.expectUntouched(.answerInvalid, at: .fetchAuthorities)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [Fault.Effect.truncateBody(bytes: 100), .closeBeforeProcessing])
    func aBundleThatBreaksOffIsRefused(_ effect: Fault.Effect) async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: effect))
        _ = try await rig.expectUntouched(.controllerUnreachable, at: .fetchAuthorities)
        try await rig.controller.shutdown()
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let rig = try await Rig.start()
        rig.controller.script(
            Fault(
                pathSuffix: "cacerts",
                effect: .answer(status: 302, headers: [("Location", "\(rig.controller.url)/elsewhere")], body: "")))
        _ = try await rig.expectUntouched(.answerInvalid, at: .fetchAuthorities)
        #expect(!rig.controller.requests.contains { $0.path == "/elsewhere" })
        try await rig.controller.shutdown()
    }

    @Test func aControllerThatIsBusyForAWhileIsAskedAgain() async throws {
        let rig = try await Rig.start()
        for status in [503, 429, 500] {
            rig.controller.script(
                Fault(pathSuffix: "cacerts", effect: .answer(status: status, headers: [], body: "busy")))
        }
        try await rig.enroll()
        #expect(rig.posts == 1)
        try await rig.controller.shutdown()
    }

    @Test func aRefusalOfTheBundleThatStaysKeepsItsStatus() async throws {
        let rig = try await Rig.start()
        for _ in 0..<4 {
            rig.controller.script(
                Fault(pathSuffix: "cacerts", effect: .answer(status: 503, headers: [], body: "busy")))
        }
        let error = try await rig.expectUntouched(.refusedByController, at: .fetchAuthorities)
        #expect(error.refusal?.status == 503)
        try await rig.controller.shutdown()
    }

    @Test func additionalAuthoritiesThatAreNoneAreRefused() async throws {
        let rig = try await Rig.start()
        var options = rig.options
        options.additionalAuthorities = "no certificates"
        _ = try await rig.expectUntouched(.inputInvalid, at: .fetchAuthorities, options: options)
        try await rig.controller.shutdown()
    }

    // MARK: Controllers that misbehave

    @Test(arguments: [true, false])
    func anEndlessAnswerIsGivenUp(_ declaresLength: Bool) async throws {
        let rig = try await Rig.start()
        rig.controller.script(
            Fault(pathSuffix: "cacerts", effect: .streamBody(bytes: 100 << 20, declaresLength: declaresLength)))
        _ = try await rig.expectUntouched(.answerInvalid, at: .fetchAuthorities)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [true, false])
    func anEndlessAnswerToTheTokenIsGivenUpAndTheTokenSentOnceMore(_ declaresLength: Bool) async throws {
        let rig = try await Rig.start()
        rig.controller.script(
            Fault(pathSuffix: "/enroll", effect: .streamBody(bytes: 100 << 20, declaresLength: declaresLength)))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .answerLost)
        #expect(error.message.contains("longer than"), "\(error)")
        try await rig.enroll()
        try await rig.controller.shutdown()
    }

    @Test func aRedirectOfTheTokenIsNotFollowed() async throws {
        let rig = try await Rig.start()
        let other = try await Controller.start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .redirect(to: "\(other.url)/edge/client/v1/enroll")))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .answerInvalid)
        #expect(error.message.contains("302"))
        #expect(other.requests.isEmpty)
        try await rig.enroll()
        try await other.shutdown()
        try await rig.controller.shutdown()
    }

    @Test func aControllerThatHangsIsGivenUp() async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: .hang))
        var options = rig.options
        options.timeoutSeconds = 5
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.code == .timedOut)
        #expect(try rig.folder.names().isEmpty)
        #expect(rig.posts == 0)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [ServerFlaw.chainOutOfOrder, .leafOnly])
    func aChainInTheWrongOrderOrCutShortIsMadeWholeFromTheAuthorities(_ flaw: ServerFlaw) async throws {
        var configuration = Controller.Configuration()
        configuration.serverFlaw = flaw
        let rig = try await Rig.start(configuration)
        try await rig.enroll()
        try await rig.controller.shutdown()
    }

    @Test(arguments: [ServerFlaw.expired, .otherHost])
    func aServerCertificateThatIsExpiredOrForAnotherHostIsRefused(_ flaw: ServerFlaw) async throws {
        var configuration = Controller.Configuration()
        configuration.serverFlaw = flaw
        let rig = try await Rig.start(configuration)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .certificateNotTrusted)
        #expect(error.message.contains(flaw == .expired ? "expired" : "not for the host"), "\(error)")
        #expect(rig.posts == 0)
        try await rig.controller.shutdown()
    }
}
