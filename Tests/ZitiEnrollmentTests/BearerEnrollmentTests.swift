import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// The method `token`: whoever holds a JWT of a signer that the network knows.
struct BearerEnrollmentTests {
    private func start(
        _ version: String = "v2.0.3", toCertificate: Bool = true, toToken: Bool = true
    ) async throws -> (Rig, TokenIssuer) {
        var configuration = Controller.Configuration()
        configuration.version = version
        let rig = try await Rig.start(configuration)
        let issuer = TokenIssuer()
        _ = try rig.controller.addSigner(
            name: "login", issuer: issuer.issuer, publicKeyPEM: issuer.publicKeyPEM,
            enrollsToCertificate: toCertificate, enrollsToToken: toToken)
        return (rig, issuer)
    }

    private func options(_ rig: Rig, _ jwt: ExternalJWT) -> EnrollmentOptions {
        var options = rig.options
        options.externalJWT = jwt
        return options
    }

    @Test(arguments: ["v2.0.3", "v2.1.0"])
    func aHolderWithAKeyGetsACertificate(_ version: String) async throws {
        let (rig, issuer) = try await start(version)
        let result = try await rig.enroll(
            jwt: rig.controller.networkJWT, options: options(rig, issuer.jwt("ziggy")))
        #expect(result.method == .token)
        #expect(result.isCertificateStored)
        let authentication = try await Authenticator(identity: rig.identity(), timeoutSeconds: 300)
            .authenticate(with: KeySource(store: rig.store, pin: .none))
        #expect(authentication.identityName == "ziggy")
        #expect(try rig.identity().controllerAPIs.count == (version == "v2.1.0" ? 1 : 0))
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["v2.0.3", "v2.1.0"])
    func aHolderWithoutAKeyIsEnrolledAndTheFileSaysWhomToTrust(_ version: String) async throws {
        let (rig, issuer) = try await start(version)
        let jwt = try issuer.jwt("ziggy")
        let result = try await rig.enroll(jwt: rig.controller.networkJWT, options: options(rig, jwt), withoutKey: true)
        #expect(result.method == .token && result.key == nil)
        let text = try String(contentsOfFile: rig.output, encoding: .utf8)
        #expect(text.contains("\"zitiKeystore\":{\"method\":\"token\"}"))
        #expect(!text.contains(jwt.text))
        #expect(rig.store.sessionCount == 0)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [true, false])
    func aControllerThatIsOlderIsNotSentTheJWT(_ hasKey: Bool) async throws {
        let (rig, issuer) = try await start("v1.6.20")
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(
                jwt: rig.controller.networkJWT, options: options(rig, issuer.jwt("ziggy")), withoutKey: !hasKey)
        }
        #expect(error.code == .methodUnsupported)
        #expect(error.message.contains("v1.6.20"))
        #expect(rig.posts == 0)
        #expect(try rig.folder.names().isEmpty)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [true, false])
    func aVersionWhoseBodyDoesNotEndIsGivenUpInTimeBeforeAnythingIsSent(_ drips: Bool) async throws {
        let (rig, issuer) = try await start()
        rig.controller.script(Fault(pathSuffix: "/version", effect: .hangInBody(drips: drips)))
        var options = options(rig, try issuer.jwt("ziggy"))
        options.timeoutSeconds = 5
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: rig.controller.networkJWT, options: options)
        }
        #expect(error.code == .timedOut)
        #expect(rig.posts == 0)
        #expect(try rig.folder.names().isEmpty)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [true, false])
    func aHolderWhoIsEnrolledAlreadyIsRefusedTheFirstTime(_ hasKey: Bool) async throws {
        let (rig, issuer) = try await start()
        let network = try rig.controller.networkJWT
        try await rig.enroll(jwt: network, options: options(rig, issuer.jwt("ziggy")), withoutKey: !hasKey)
        var again = options(rig, try issuer.jwt("ziggy"))
        again.outputPath = rig.folder.path + "/again.json"
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: network, options: again, withoutKey: !hasKey)
        }
        #expect(error.refusal?.code == "ENROLLMENT_IDENTITY_ALREADY_ENROLLED")
        #expect(error.hint.contains("already"))
        try await rig.controller.shutdown()
    }

    @Test(arguments: [true, false])
    func aSignerThatMayNotEnrollInThisWayIsARefusalWithAWayOut(_ hasKey: Bool) async throws {
        let (rig, issuer) = try await start(toCertificate: !hasKey, toToken: hasKey)
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(
                jwt: rig.controller.networkJWT, options: options(rig, issuer.jwt("ziggy")), withoutKey: !hasKey)
        }
        #expect(error.refusal?.code == "INVALID_ENROLLMENT_NOT_ALLOWED")
        #expect(error.hint.contains("--key"))
        try await rig.controller.shutdown()
    }

    @Test func aJWTThatNoSignerVouchesForIsRefused() async throws {
        let (rig, _) = try await start()
        let jwt = try TokenIssuer().jwt("ziggy")
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: rig.controller.networkJWT, options: options(rig, jwt))
        }
        #expect(error.refusal?.code == "INVALID_ENROLLMENT_TOKEN")
        #expect(error.hint.contains("external JWT"))
        #expect(!"\(error) \(error.hint)".contains(jwt.text))
        try await rig.controller.shutdown()
    }

    @Test(arguments: [true, false])
    func anExternalJWTThatTheControllerRepeatsIsNotRepeated(_ hasKey: Bool) async throws {
        let (rig, issuer) = try await start()
        let jwt = try issuer.jwt("ziggy")
        let body = "{\"error\":{\"code\":\"COULD_NOT_VALIDATE\",\"message\":\"not \(jwt.text)\"}}"
        rig.controller.script(Fault(pathSuffix: "/enroll/token", effect: .answer(status: 400, headers: [], body: body)))
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: rig.controller.networkJWT, options: options(rig, jwt), withoutKey: !hasKey)
        }
        #expect(error.refusal?.code == "COULD_NOT_VALIDATE")
        #expect(!"\(error) \(error.hint) \(String(reflecting: error.refusal))".contains(jwt.text))
        try await rig.controller.shutdown()
    }

    @Test func aLostCertificateIsSaidToBeLostAndTheKeyKept() async throws {
        let (rig, issuer) = try await start()
        rig.controller.script(Fault(pathSuffix: "/enroll/token", effect: .closeAfterProcessing))
        let network = try rig.controller.networkJWT
        _ = try? await rig.enroll(jwt: network, options: options(rig, issuer.jwt("ziggy")))
        // A renewed JWT of the same holder is the same enrollment.
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: network, options: options(rig, issuer.jwt("ziggy")))
        }
        #expect(error.code == .tokenSpent)
        #expect(error.hint.contains("identity deleted"))
        try await rig.controller.shutdown()
    }

    @Test func aRefusalBetweenALostAnswerAndItsRepetitionDoesNotHideThatTheHolderIsEnrolled() async throws {
        let (rig, issuer) = try await start()
        rig.controller.script(Fault(pathSuffix: "/enroll/token", effect: .closeAfterProcessing))
        let network = try rig.controller.networkJWT
        let lost = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: network, options: options(rig, issuer.jwt("ziggy")), withoutKey: true)
        }
        #expect(lost.code == .answerLost)
        // As for a JWT whose time is over meanwhile.
        rig.controller.script(
            Fault(
                pathSuffix: "/enroll/token",
                effect: .answer(
                    status: 400, headers: [], body: "{\"error\":{\"code\":\"INVALID_ENROLLMENT_TOKEN\"}}")))
        let refused = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: network, options: options(rig, issuer.jwt("ziggy")), withoutKey: true)
        }
        #expect(refused.code == .refusedByController)
        #expect(refused.hint.contains("may have enrolled"))
        #expect(try rig.folder.names() == ["identity.json.enrolling"])
        try await rig.enroll(jwt: network, options: options(rig, issuer.jwt("ziggy")), withoutKey: true)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test(arguments: [true, false])
    func whatCameWithAKeyIsNotThrownAwayWithoutOneNorTheOtherWayRound(_ hasKeyFirst: Bool) async throws {
        let (rig, issuer) = try await start()
        let network = try rig.controller.networkJWT
        _ = try? await rig.enroll(
            jwt: network, options: options(rig, issuer.jwt("ziggy")), withoutKey: !hasKeyFirst,
            stop: .certificateRecorded)
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: network, options: options(rig, issuer.jwt("ziggy")), withoutKey: hasKeyFirst)
        }
        #expect(error.code == .unfinishedEnrollment)
        #expect(error.hint.contains("--key"))
        let result = try await rig.enroll(
            jwt: network, options: options(rig, issuer.jwt("ziggy")), withoutKey: !hasKeyFirst)
        #expect((result.key != nil) == hasKeyFirst)
        #expect(rig.posts == 1)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test(arguments: PasswordEnrollmentTests.reached)
    func theSameCallWithARenewedJWTGoesOnAfterAKill(_ milestone: EnrollmentMilestone) async throws {
        let (rig, issuer) = try await start()
        let network = try rig.controller.networkJWT
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(
                jwt: network, options: options(rig, issuer.jwt("ziggy")), withoutKey: true, stop: milestone)
        }
        #expect(error.underlying is EnrollmentMilestone.Interruption)
        try await rig.enroll(jwt: network, options: options(rig, issuer.jwt("ziggy")), withoutKey: true)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func aByteOrderMarkAndLineEndsAroundTheJWTAreDropped() throws {
        let text = try TokenIssuer().jwt("ziggy").text
        #expect(try ExternalJWT("\u{FEFF}\(text)\r\n").text == text)
    }

    @Test(arguments: ["", "a.b", "a b.c.d", "..", "a.b.c.d"])
    func whatIsNoJWTIsRefusedWithoutBeingRepeated(_ text: String) {
        let error = #expect(throws: EnrollmentError.self) { try ExternalJWT(text) }
        #expect(error?.code == .inputInvalid)
    }

    @Test func neitherDescriptionNorDumpShowsTheJWT() throws {
        let jwt = try TokenIssuer().jwt("ziggy")
        var dumped = ""
        dump(jwt, to: &dumped)
        for text in ["\(jwt)", String(reflecting: jwt), dumped] { #expect(!text.contains(jwt.text)) }
    }
}
