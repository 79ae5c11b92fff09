import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// What controllers and stores refuse. Each refusal is an error of its own, with a hint, and leaves the identity as it was.
struct RenewalRefusalTests {
    private func expectRefusal(
        _ rig: Rig, _ code: EnrollmentError.Code, roll: KeyRoll? = nil, in other: ScriptedStore? = nil,
        leaves names: [String] = ["identity.json"]
    ) async throws -> EnrollmentError {
        let before = try Data(contentsOf: URL(filePath: rig.output))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew(roll: roll, in: other) }
        #expect(error.code == code, "\(error)")
        #expect(!error.hint.isEmpty || code == .keyStore)
        #expect(try Data(contentsOf: URL(filePath: rig.output)) == before)
        #expect(try rig.folder.names() == names)
        #expect(try await rig.logsIn())
        #expect(try await rig.renew(roll: roll, in: other).isRenewed || code == .keyStore)
        try await rig.controller.shutdown()
        return error
    }

    @Test(arguments: [
        ("extend-third-party-cert", EnrollmentError.Code.notRenewable),
        ("extend-unknown-authenticator", .authenticatorUnknown), ("extend-no-session", .renewalUnauthorized),
        ("extend-bad-csr", .requestRefused), ("extend-no-csr", .refusedByController),
    ])
    func aRefusalToExtendIsAnErrorOfItsOwn(_ recording: String, _ code: EnrollmentError.Code) async throws {
        let rig = try await Rig.enrolled()
        try rig.answer("/extend", as: recording)
        let error = try await expectRefusal(rig, code)
        #expect(error.group == .refused)
        #expect(error.refusal?.code.isEmpty == false)
    }

    @Test(arguments: [
        ("extend-verify-wrong-cert", EnrollmentError.Code.otherCertificatePending),
        ("extend-verify-again", .otherCertificatePending), ("extend-unknown-authenticator", .authenticatorUnknown),
    ])
    func aRefusalToVerifyKeepsBothFilesForTheSameCall(_ recording: String, _ code: EnrollmentError.Code) async throws {
        let rig = try await Rig.enrolled()
        try rig.answer("/extend-verify", as: recording)
        _ = try await expectRefusal(
            rig, code, leaves: ["identity.json", "identity.json.next", "identity.json.renewing"])
    }

    @Test func aControllerThatSaysThatItDoesNotRenewIsNotAsked() async throws {
        let rig = try await Rig.enrolled()
        var body = String(decoding: try Recordings.answer("authenticate-cert-success").body, as: UTF8.self)
        body.replace("\"isCertExtendable\":true", with: "\"isCertExtendable\":false")
        rig.controller.script(
            Fault(
                pathSuffix: "/authenticate",
                effect: .answer(status: 200, headers: [("Content-Type", "application/json")], body: body)))
        _ = try await expectRefusal(rig, .notRenewable)
        #expect(rig.count("/extend") == 1, "only by the renewal that followed")
    }

    @Test func aControllerThatWantsASecondFactorIsNotAskedToRenew() async throws {
        let rig = try await Rig.enrolled()
        var body = String(decoding: try Recordings.answer("authenticate-cert-success").body, as: UTF8.self)
        body.replace("\"authQueries\":[]", with: "\"authQueries\":[{\"typeId\":\"MFA\",\"provider\":\"ziti\"}]")
        rig.controller.script(
            Fault(
                pathSuffix: "/authenticate",
                effect: .answer(status: 200, headers: [("Content-Type", "application/json")], body: body)))
        let error = try await expectRefusal(rig, .refusedByController)
        #expect(error.message.contains("second factor"))
        #expect(rig.count("/extend") == 1, "only by the renewal that followed")
    }

    @Test func anAuthenticatorThatTheLoginDoesNotNameIsLookedFor() async throws {
        let rig = try await Rig.enrolled()
        var body = String(decoding: try Recordings.answer("authenticate-cert-success").body, as: UTF8.self)
        body.replace("authenticatorId", with: "somethingElse")
        rig.controller.script(
            Fault(
                pathSuffix: "/authenticate",
                effect: .answer(status: 200, headers: [("Content-Type", "application/json")], body: body)))
        // The session that the recording names is not this controller's.
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew() }
        #expect(error.refusal?.status == 401)
        #expect(rig.count("/authenticators") == 1)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [Fault.Effect.issueForAnotherKey, .issueExpired])
    func aCertificateThatIsOfNoUseIsRefused(_ effect: Fault.Effect) async throws {
        let rig = try await Rig.enrolled()
        rig.controller.script(Fault(pathSuffix: "/extend", effect: effect))
        let error = try await expectRefusal(
            rig, .renewedCertificateInvalid, leaves: ["identity.json", "identity.json.rejected.pem"])
        #expect(error.hint.contains("unchanged") && error.hint.contains("identity.json.rejected.pem"))
        #expect(
            CertificateList.parse(
                pem: String(decoding: try rig.folder.read("identity.json.rejected.pem"), as: UTF8.self))?.count == 2)
        #expect(error.group == .unavailable)
    }

    @Test func anAnswerThatIsNoneIsRefused() async throws {
        let rig = try await Rig.enrolled()
        rig.controller.script(Fault(pathSuffix: "/extend", effect: .answer(status: 200, headers: [], body: "{}")))
        let error = try await expectRefusal(rig, .answerInvalid)
        #expect(error.hint.contains("unchanged"))
    }

    @Test func aCertificateThatIsNotKnownAnyMoreIsRefusedBeforeAnythingIsMade() async throws {
        let rig = try await Rig.enrolled()
        try rig.answer("/authenticate", as: "authenticate-cert-unknown-cert")
        let other = try ScriptedStore(Rig.freshURI())
        let roll = KeyRoll(to: KeySource(store: other, pin: .none), generate: .ecP256)
        await #expect(throws: EnrollmentError(.refusedByController, "")) {
            try await rig.renew(roll: roll, in: other)
        }
        #expect(try await other.openSession(pin: .none).keys().isEmpty)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func theKeyThatTheIdentityHasCannotTakeOver() async throws {
        let rig = try await Rig.enrolled()
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.renew(roll: KeyRoll(to: KeySource(store: rig.store, pin: .none)))
        }
        #expect(error.code == .keyUnchanged)
        #expect(error.group == .exists)
        #expect(try rig.folder.names() == ["identity.json"])
        #expect(rig.count("/extend") == 0)
        try await rig.controller.shutdown()
    }

    @Test func aKeyIsNeitherMadeUnaskedNorInAnothersPlace() async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI())
        let source = KeySource(store: other, pin: .none)
        var error = try await #require(throws: EnrollmentError.self) {
            try await rig.renew(roll: KeyRoll(to: source), in: other)
        }
        #expect(error.keyStoreError?.code == .noSuchKey)
        try await other.makeKey(.ecP256)
        error = try await #require(throws: EnrollmentError.self) {
            try await rig.renew(roll: KeyRoll(to: source, generate: .ecP256), in: other)
        }
        #expect(error.keyStoreError?.code == .keyExists)
        #expect(error.hint.contains("--generate"))
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func aPolicyThatTheBackendDoesNotHaveIsRefusedBeforeAKeyIsMade() async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI(), .init(hasPolicies: false))
        let roll = KeyRoll(to: KeySource(store: other, pin: .none), generate: .ecP256, touchPolicy: .always)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew(roll: roll, in: other) }
        #expect(error.keyStoreError?.code == .unsupportedOperation)
        #expect(try await other.openSession(pin: .none).keys().isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func aKeyThatIsNotTheCertificatesIsRefusedBeforeConnecting() async throws {
        let rig = try await Rig.enrolled()
        let session = try await rig.store.openSession(SessionOptions(isWritable: true), pin: .none)
        let uri = try #require(try await session.keys().first?.uri)
        try await session.deleting?.deleteKey(at: uri)
        _ = try await session.generateKey(.ecP256, at: uri)
        let before = rig.controller.requests.count
        await #expect(throws: EnrollmentError(.identityInvalid, "")) { try await rig.renew() }
        #expect(rig.controller.requests.count == before)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func aCertificateThatCannotBeStoredIsAWarning() async throws {
        let rig = try await Rig.enrolled()
        rig.store.script.withLock { $0.certificateFailure = KeyStoreError(.policyRefused, "full") }
        let messages = RenewalMessages()
        let result = try await rig.renew(tells: messages)
        #expect(result.isRenewed && !result.isCertificateStored)
        #expect(messages.warnings.contains { $0.contains("full") })
        try await rig.controller.shutdown()
    }

    @Test func noFileIsNoIdentity() async throws {
        await #expect(throws: EnrollmentError(.identityInvalid, "")) {
            try await Renewal(path: "/nowhere/at/all.json").run(finding: { (_) throws(KeyStoreError) in
                throw KeyStoreError(.noSuchToken, "")
            })
        }
    }

    @Test func aPublicKeyThatStoodThereBeforeIsKept() async throws {
        let rig = try await Rig.enrolled()
        let half = try await ScriptedStore(Rig.freshURI()).makeKey(.ecP256).publicKey()
        let other = try ScriptedStore(Rig.freshURI(), .init(half: half))
        let roll = KeyRoll(to: KeySource(store: other, pin: .none), generate: .ecP256)
        for _ in 0..<2 {
            // Not even a kill makes it one that was begun by this.
            let error = try await #require(throws: EnrollmentError.self) {
                try await rig.renew(roll: roll, in: other, stop: .keyIntended)
            }
            #expect(error.keyStoreError?.code == .keyExists, "\(error)")
        }
        #expect(other.script.withLock { $0.half } == half)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }
}
