import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// Renewals and key rolls that nothing disturbs.
struct RenewalTests {
    @Test(arguments: [KeyType.ecP256, .ecP384, .rsa(bits: 2048)])
    func aRenewedIdentityHasANewCertificateOfTheSameKey(_ type: KeyType) async throws {
        let rig = try await Rig.enrolled(key: type)
        let before = try rig.identity()
        let messages = RenewalMessages()
        let result = try await rig.renew(tells: messages)
        let after = try rig.identity()
        #expect(result.isRenewed && !result.isResumed && !result.isRequestedByController)
        #expect(result.identityID == rig.enrollment.identityID)
        #expect(result.oldKey == nil)
        #expect(after.key == before.key)
        #expect(after.certificates[0] != before.certificates[0])
        #expect(try after.leaf().publicKey == before.leaf().publicKey)
        #expect(try after.leaf().subject == before.leaf().subject)
        #expect(rig.store.certificates == after.certificates)
        #expect(result.isCertificateStored)
        #expect(messages.steps == RenewalStep.allCases.filter { $0 != .deleteOldKey })
        #expect(try rig.folder.names() == ["identity.json"])
        #expect(try await rig.logsIn())
        #expect(rig.controller.apiSessions.count == 3, "a pair for the renewal, and the login that judges it")
        try await rig.controller.shutdown()
    }

    @Test func theOldCertificateIsNotAcceptedAnyMore() async throws {
        let rig = try await Rig.enrolled()
        let before = try Data(contentsOf: URL(filePath: rig.output))
        try await rig.renew()
        try before.write(to: URL(filePath: rig.output))
        #expect(try await !rig.logsIn())
        try await rig.controller.shutdown()
    }

    @Test func everySessionOfARenewalIsEnded() async throws {
        let rig = try await Rig.enrolled()
        try await rig.renew()
        #expect(rig.controller.apiSessions.allSatisfy { $0.endedAt != nil })
        try await rig.controller.shutdown()
    }

    @Test func theKeySignsThreeTimes() async throws {
        let rig = try await Rig.enrolled()
        let before = rig.store.signatures.count
        try await rig.renew()
        #expect(rig.store.signatures.count == before + 3, "two handshakes and a certificate request")
        try await rig.controller.shutdown()
    }

    @Test func whatOtherProgramsKeepInTheFileStaysThere() async throws {
        let rig = try await Rig.enrolled()
        var object = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: rig.output))) as? [String: Any])
        object["sdk"] = ["names": ["a", 1, 2.5, true, NSNull()]]
        var id = try #require(object["id"] as? [String: Any])
        id["server_cert"] = "pem:x"
        object["id"] = id
        try JSONSerialization.data(withJSONObject: object).write(to: URL(filePath: rig.output))
        try await rig.renew()
        let after = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: rig.output))) as? [String: Any])
        #expect(after["sdk"] as? NSDictionary == object["sdk"] as? NSDictionary)
        #expect((after["id"] as? [String: Any])?["server_cert"] as? String == "pem:x")
        #expect(after["ztAPI"] as? String == object["ztAPI"] as? String)
        try await rig.controller.shutdown()
    }

    @Test func aLinkToTheFileStaysALinkAndWhatItLeadsToIsRenewed() async throws {
        let rig = try await Rig.enrolled()
        let link = try rig.folder.link("link.json", to: rig.output)
        let result = try await rig.renew(path: link)
        #expect(result.path == rig.output)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == rig.output)
        #expect(try await rig.logsIn())
        try await rig.controller.shutdown()
    }

    @Test(arguments: [(0o600, 0o600), (0o640, 0o640), (0o644, 0o640), (0o400, 0o600)] as [(mode_t, mode_t)])
    func theGroupKeepsItsAccessAndOthersLoseTheirs(_ old: mode_t, _ new: mode_t) async throws {
        let rig = try await Rig.enrolled()
        try rig.folder.setMode("identity.json", old)
        let messages = RenewalMessages()
        try await rig.renew(tells: messages)
        var status = stat()
        #expect(stat(rig.output, &status) == 0 && status.st_mode & 0o777 == new)
        #expect(messages.warnings.contains { $0.contains("others") } == (old & 0o007 != 0))
        try await rig.controller.shutdown()
    }

    @Test func aProxyLeadsToTheControllerHereToo() async throws {
        let rig = try await Rig.enrolled()
        let proxy = try await ConnectProxy.start()
        let settings = ProxySettings(environment: ["https_proxy": "http://127.0.0.1:\(proxy.port)"])
        #expect(try await rig.renew(proxy: settings).isRenewed)
        #expect(proxy.requests.count == 2, "one connection with each certificate")
        var check = IdentityCheck(try rig.identity())
        check.proxy = settings
        #expect(await check.controllerFinding(KeySource(store: rig.store, pin: .none)).verdict == .passed)
        #expect(proxy.requests.count == 3)
        try await proxy.close()
        try await rig.controller.shutdown()
    }

    // MARK: When due

    @Test func aCertificateThatIsNotDueStays() async throws {
        let rig = try await Rig.enrolled()
        let before = try Data(contentsOf: URL(filePath: rig.output))
        let result = try await rig.renew(ifDueWithinSeconds: 30 * 86_400)
        #expect(!result.isRenewed)
        #expect(result.certificateExpiry > Date().addingTimeInterval(300 * 86_400))
        #expect(rig.count("/extend") == 0)
        #expect(try rig.folder.names() == ["identity.json"])
        #expect(try Data(contentsOf: URL(filePath: rig.output)) == before)
        try await rig.controller.shutdown()
    }

    @Test func aCertificateThatExpiresWithinTheSpanIsDue() async throws {
        let rig = try await Rig.enrolled()
        #expect(try await rig.renew(ifDueWithinSeconds: 400 * 86_400).isRenewed)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [false, true])
    func aCertificateThatTheControllerWantsRenewedIsDue(_ rollsKey: Bool) async throws {
        let rig = try await Rig.enrolled()
        try rig.controller.requestExtension(identityID: rig.enrollment.identityID, rollsKey: rollsKey)
        let result = try await rig.renew(ifDueWithinSeconds: 86_400)
        #expect(result.isRenewed && result.isRequestedByController)
        #expect(result.isKeyRollRequested == rollsKey)
        #expect(try await !rig.renew(ifDueWithinSeconds: 86_400).isRenewed)
        try await rig.controller.shutdown()
    }

    @Test func aCertificateWhoseIntermediatesAreMissingIsDueAndGetsThem() async throws {
        let rig = try await Rig.enrolled()
        var identity = try rig.identity()
        identity.certificates = Array(identity.certificates.prefix(1))
        try FileManager.default.removeItem(atPath: rig.output)
        try identity.write(to: rig.output)
        let result = try await rig.renew(ifDueWithinSeconds: 86_400)
        #expect(result.isRenewed && result.isRequestedByController)
        #expect(try rig.identity().certificates.count == 2)
        #expect(try await !rig.renew(ifDueWithinSeconds: 86_400).isRenewed)
        try await rig.controller.shutdown()
    }

    @Test func aControllerThatIsOutOfReachHindersNothingThatIsNotDue() async throws {
        let rig = try await Rig.enrolled()
        try await rig.controller.shutdown()
        let messages = RenewalMessages()
        #expect(try await !rig.renew(ifDueWithinSeconds: 86_400, tells: messages).isRenewed)
        #expect(messages.warnings.count == 1)
        await #expect(throws: EnrollmentError(.controllerUnreachable, "")) {
            try await rig.renew(ifDueWithinSeconds: 400 * 86_400)
        }
        #expect(try rig.folder.names() == ["identity.json"])
    }

    // MARK: Rolls

    @Test(arguments: [KeyType.ecP256, .rsa(bits: 2048)])
    func aKeyInAnotherStoreTakesOver(_ type: KeyType) async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI())
        let before = try rig.identity()
        let result = try await rig.renew(
            roll: KeyRoll(to: KeySource(store: other, pin: .none), generate: type), in: other)
        let after = try rig.identity()
        #expect(result.isKeyGenerated && !result.isOldKeyDeleted)
        #expect(result.oldKey?.text == before.key)
        #expect(after.key == result.key.text && after.key != before.key)
        #expect(try after.leaf().publicKey != before.leaf().publicKey)
        #expect(try after.leaf().subject == before.leaf().subject)
        #expect(other.certificates == after.certificates)
        #expect(rig.store.certificates == before.certificates, "the old key keeps its certificate")
        #expect(try await rig.logsIn(other))
        #expect(try await rig.store.openSession(pin: .none).keys().count == 1)
        try await rig.controller.shutdown()
    }

    @Test func theOldKeyIsDestroyedWhereThatIsAskedFor() async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI())
        try await other.makeKey(.ecP384)
        let result = try await rig.renew(
            roll: KeyRoll(to: KeySource(store: other, pin: .none), deletesOldKey: true), in: other)
        #expect(result.isOldKeyDeleted && !result.isKeyGenerated)
        #expect(try await rig.store.openSession(pin: .none).keys().isEmpty)
        #expect(try await rig.logsIn(other))
        try await rig.controller.shutdown()
    }

    @Test func aKeyInTheSameStoreTakesOver() async throws {
        let rig = try await Rig.enrolled()
        let uri = try KeyStoreURI("\(rig.store.uri.text.prefix { $0 != ";" });object=second")
        try await rig.renew(
            roll: KeyRoll(to: KeySource(store: rig.store, uri: uri, pin: .none), generate: .ecP256, deletesOldKey: true)
        )
        #expect(try await rig.logsIn())
        #expect(try await rig.store.openSession(pin: .none).keys().map(\.label) == ["second"])
        try await rig.controller.shutdown()
    }

    @Test func aRollCanWriteWhatTheSDKsRead() async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI(), .init(sdkReference: "sdk://module?id=01&pin=1234"))
        try await rig.renew(
            roll: KeyRoll(to: KeySource(store: other, pin: .none), generate: .ecP256, isSDKCompatible: true), in: other)
        #expect(try rig.identity().key == "sdk://module?id=01&pin=1234")
        try await rig.controller.shutdown()
    }

    @Test func algorithmsThatFailAreLeftOutOfTheFile() async throws {
        let rig = try await Rig.enrolled()
        let failures: [SignatureAlgorithm: KeyStoreError] = [
            .rsaPSSSHA256: KeyStoreError(.unsupportedMechanism, "no PSS"),
            .rsaPSSSHA384: KeyStoreError(.unsupportedMechanism, "no PSS"),
            .rsaPSSSHA512: KeyStoreError(.unsupportedMechanism, "no PSS"),
        ]
        let other = try ScriptedStore(Rig.freshURI(), .init(signFailures: failures))
        let messages = RenewalMessages()
        try await rig.renew(
            roll: KeyRoll(to: KeySource(store: other, pin: .none), generate: .rsa(bits: 2048)), in: other,
            tells: messages)
        let algorithms = try #require(try rig.identity().extras.algorithms)
        #expect(algorithms.allSatisfy { !$0.isRSAPSS })
        #expect(messages.warnings.contains { $0.contains("TLS 1.2 only") })
        try await rig.controller.shutdown()
    }

    @Test func algorithmsThatFailedWhenTheIdentityEnrolledAreNotTriedAgain() async throws {
        let failed = SignatureAlgorithm.rsaPKCS1SHA256
        let rig = try await Rig.enrolled(
            key: .rsa(bits: 2048),
            script: .init(signFailures: [failed: KeyStoreError(.unsupportedMechanism, "no SHA-256")]))
        #expect(try rig.identity().extras.algorithms?.contains(failed) == false)
        let before = rig.store.signatures.count
        #expect(try await rig.renew().isRenewed)
        #expect(!rig.store.signatures.dropFirst(before).contains(failed))
        #expect(try rig.identity().extras.algorithms?.contains(failed) == false)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [429, 503])
    func aControllerThatCannotWorkNowHindersNothingThatIsNotDue(_ status: Int) async throws {
        let rig = try await Rig.enrolled()
        let busy = Fault(pathSuffix: "/authenticate", effect: .answer(status: status, headers: [], body: "{}"))
        rig.controller.script(busy)
        let messages = RenewalMessages()
        #expect(try await !rig.renew(ifDueWithinSeconds: 86_400, tells: messages).isRenewed)
        #expect(messages.warnings.count == 1)
        rig.controller.script(busy)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew() }
        #expect(error.group == .unavailable)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }
}
