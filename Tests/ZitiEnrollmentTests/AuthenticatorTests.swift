import DevelopmentController
import KeyStoreCore
import Synchronization
import Testing

@testable import ZitiEnrollment

struct AuthenticatorTests {
    /// An identity that is enrolled, and its controller.
    private func enrolled(_ type: KeyType = .ecP256) async throws -> (Rig, IdentityFile) {
        let rig = try await Rig.start(key: type)
        try await rig.enroll()
        return (rig, try rig.identity())
    }

    private func authenticate(
        _ rig: Rig, _ identity: IdentityFile, store: ScriptedStore? = nil, logsOut: Bool = true
    ) async throws(EnrollmentError) -> Authentication {
        try await Authenticator(identity: identity, timeoutSeconds: 300)
            .authenticate(with: KeySource(store: store ?? rig.store, pin: .none), logsOut: logsOut)
    }

    @Test func theKeyIsUsedOnceForTheWholeConversation() async throws {
        let (rig, identity) = try await enrolled()
        let before = rig.store.signatures.count
        _ = try await authenticate(rig, identity)
        #expect(rig.store.signatures.count == before + 1)
        try await rig.controller.shutdown()
    }

    @Test func theAPISessionIsEndedUnlessItIsToStay() async throws {
        let (rig, identity) = try await enrolled()
        _ = try await authenticate(rig, identity)
        #expect(rig.controller.requests.last?.method == "DELETE")
        let stays = try await authenticate(rig, identity, logsOut: false)
        #expect(!stays.isLoggedOut)
        #expect(rig.controller.requests.last?.method == "GET")
        try await rig.controller.shutdown()
    }

    @Test func aCertificateThatTheControllerDoesNotKnowIsRefused() async throws {
        let (rig, identity) = try await enrolled()
        let other = try await Controller.start()
        let elsewhere = IdentityFile(
            controller: try #require(ControllerAddress(other.url)), controllerAPIs: [], key: identity.key,
            certificates: identity.certificates,
            authorities: try #require(CertificateList.parse(pem: other.certificateAuthoritiesPEM)).map {
                try $0.derBytes
            },
            extras: IdentityExtras())
        let error = try await #require(throws: EnrollmentError.self) { try await authenticate(rig, elsewhere) }
        #expect(error.code == .refusedByController)
        #expect(error.refusal?.status == 401)
        #expect(error.refusal?.code == "INVALID_AUTH")
        try await other.shutdown()
        try await rig.controller.shutdown()
    }

    @Test func aControllerOfAnotherPKIIsNotTrusted() async throws {
        let (rig, identity) = try await enrolled()
        let other = try await Controller.start()
        let elsewhere = IdentityFile(
            controller: try #require(ControllerAddress(other.url)), controllerAPIs: [], key: identity.key,
            certificates: identity.certificates, authorities: identity.authorities, extras: IdentityExtras())
        let error = try await #require(throws: EnrollmentError.self) { try await authenticate(rig, elsewhere) }
        #expect(error.code == .certificateNotTrusted)
        #expect(other.requests.isEmpty)
        try await other.shutdown()
        try await rig.controller.shutdown()
    }

    @Test func anotherKeyThanTheCertificatesIsFoundBeforeConnecting() async throws {
        let (rig, identity) = try await enrolled()
        let seen = rig.controller.requests.count
        let other = try ScriptedStore(Rig.freshURI())
        try await other.makeKey(.ecP256)
        let error = try await #require(throws: EnrollmentError.self) {
            try await authenticate(rig, identity, store: other)
        }
        #expect(error.code == .identityInvalid)
        #expect(rig.controller.requests.count == seen)
        #expect(other.signatures.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func aControllerThatIsGoneIsUnreachable() async throws {
        let (rig, identity) = try await enrolled()
        try await rig.controller.shutdown()
        let error = try await #require(throws: EnrollmentError.self) { try await authenticate(rig, identity) }
        #expect(error.code == .controllerUnreachable)
    }

    @Test(arguments: [KeyStoreError.Code.pinIncorrect, .touchTimeout, .tokenRemoved])
    func whatTheKeyFailsWithInTheHandshakeComesUpAndIsNotTriedAgain(_ code: KeyStoreError.Code) async throws {
        let (rig, identity) = try await enrolled()
        let before = rig.store.signatures.count
        rig.store.script.withLock { $0.signFailures = [.ecdsaP256SHA256: KeyStoreError(code, "it failed")] }
        let error = try await #require(throws: EnrollmentError.self) { try await authenticate(rig, identity) }
        #expect(error.keyStoreError?.code == code)
        #expect(rig.store.signatures.count == before + 1)
        try await rig.controller.shutdown()
    }

    @Test func aStoreThatCannotBeOpenedIsReportedAsItIs() async throws {
        let (rig, identity) = try await enrolled()
        rig.store.script.withLock { $0.openFailure = KeyStoreError(.noSuchToken, "absent") }
        let error = try await #require(throws: EnrollmentError.self) { try await authenticate(rig, identity) }
        #expect(error.keyStoreError?.code == .noSuchToken)
        try await rig.controller.shutdown()
    }

    @Test func aKeyWithoutAnAlgorithmForTLSIsRefused() async throws {
        let (rig, identity) = try await enrolled()
        rig.store.script.withLock { $0.algorithms = [] }
        let error = try await #require(throws: EnrollmentError.self) { try await authenticate(rig, identity) }
        #expect(error.code == .noUsableAlgorithm)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [
        ("authenticate", "hello"), ("authenticate", "{\"data\":{}}"), ("authenticate", "{\"data\":{\"id\":\"a\"}}"),
        ("authenticate", "{\"data\":{\"id\":\"a\",\"token\":\"x\\r\\ny: z\"}}"), ("current-identity", "{}"),
        ("current-api-session", "[]"),
    ])
    func anAnswerThatIsNoneIsRefused(_ path: String, _ body: String) async throws {
        let (rig, identity) = try await enrolled()
        rig.controller.script(Fault(pathSuffix: path, effect: .answer(status: 200, headers: [], body: body)))
        let error = try await #require(throws: EnrollmentError.self) { try await authenticate(rig, identity) }
        #expect(error.code == .answerInvalid)
        #expect(error.group == .unavailable)
        try await rig.controller.shutdown()
    }

    @Test func aSecondFactorThatKeepsASessionFromItsIdentityIsNamed() async throws {
        let (rig, identity) = try await enrolled()
        let half = #"{"data":{"id":"a","token":"t","authQueries":[{"typeId":"MFA","provider":"ziti"}]}}"#
        rig.controller.script(
            Fault(pathSuffix: "/authenticate", effect: .answer(status: 200, headers: [], body: half)))
        let error = try await #require(throws: EnrollmentError.self) { try await authenticate(rig, identity) }
        #expect(error.code == .refusedByController)
        #expect(error.message.contains("second factor"))
        try await rig.controller.shutdown()
    }

    @Test func anAPISessionIsEndedAfterAFailureToo() async throws {
        let (rig, identity) = try await enrolled()
        rig.controller.script(
            Fault(pathSuffix: "current-identity", effect: .answer(status: 500, headers: [], body: "")))
        await #expect(throws: EnrollmentError(.refusedByController, "")) { try await authenticate(rig, identity) }
        #expect(rig.controller.requests.last?.method == "DELETE")
        try await rig.controller.shutdown()
    }
}
