import TemporaryFiles
import DevelopmentController
import Foundation
import KeyStoreCore
import Testing
import X509

@testable import ZitiEnrollment

/// Enrollments that succeed.
struct EnrollmentTests {
    static let types: [KeyType] = [.ecP256, .ecP384, .ecP521, .rsa(bits: 2048), .rsa(bits: 3072), .ed25519]

    @Test(arguments: types, [TLSVersions.tls12, .tls13])
    func everyKeyTypeEnrollsAndLogsInOverEitherVersionOfTLS(_ type: KeyType, _ version: TLSVersions) async throws {
        var configuration = Controller.Configuration()
        configuration.tls = version
        let rig = try await Rig.start(key: type, configuration)
        let result = try await rig.enroll()
        #expect(result.keyType == type)
        #expect(result.identityID == rig.enrollment.identityID)
        #expect(!result.isKeyGenerated && !result.isResumed && result.isCertificateStored)
        #expect(rig.posts == 1)

        let identity = try rig.identity()
        let authentication = try await Authenticator(identity: identity, timeoutSeconds: 300)
            .authenticate(with: KeySource(store: rig.store, pin: .none))
        #expect(authentication.identityID == rig.enrollment.identityID)
        #expect(authentication.identityName == "laptop")
        #expect(authentication.tlsVersion == version.rawValue)
        #expect(authentication.signatureAlgorithm.map(type.algorithms.contains) == true)
        #expect(authentication.isLoggedOut)
        #expect(rig.controller.apiSessions.count == 1)
        let seen = try #require(rig.controller.requests.last { $0.path.hasSuffix("/authenticate") })
        #expect(seen.presentedCertificates == 2)
        #expect(seen.tlsVersion == version.rawValue)
        try await rig.controller.shutdown()
    }

    @Test(arguments: ServerKeyType.allCases, [TLSVersions.tls12, .tls13])
    func aControllerWithAnyKindOfKeyIsTrustedByItsJWT(_ serverKey: ServerKeyType, _ version: TLSVersions) async throws {
        var configuration = Controller.Configuration()
        configuration.tls = version
        configuration.serverKey = serverKey
        let rig = try await Rig.start(configuration)
        try await rig.enroll()
        #expect(FileManager.default.fileExists(atPath: rig.output))
        try await rig.controller.shutdown()
    }

    @Test func aControllerIsReachedByItsIPAddressToo() async throws {
        var configuration = Controller.Configuration()
        configuration.host = "127.0.0.1"
        let rig = try await Rig.start(configuration)
        try await rig.enroll()
        #expect(try rig.identity().controller.host == "127.0.0.1")
        try await rig.controller.shutdown()
    }

    @Test func theIdentityFileIsWhatTheSDKsRead() async throws {
        let rig = try await Rig.start()
        try await rig.enroll()
        let data = try Data(contentsOf: URL(filePath: rig.output))
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(json.keys) == ["ztAPI", "ztAPIs", "configTypes", "id", "enableHa"])
        #expect(json["ztAPI"] as? String == "\(rig.controller.url)/edge/client/v1")
        #expect(json["ztAPIs"] is NSNull)
        #expect(json["enableHa"] as? Bool == false)
        let id = try #require(json["id"] as? [String: String])
        #expect(Set(id.keys) == ["key", "cert", "ca"])
        #expect(id["key"]?.hasPrefix("memory:") == true)
        #expect(id["cert"]?.hasPrefix("pem:-----BEGIN CERTIFICATE-----\n") == true)
        #expect(id["ca"]?.hasPrefix("pem:-----BEGIN CERTIFICATE-----\n") == true)
        #expect(try rig.identity().certificates.count == 2)
        #expect(try rig.identity().authorities.count == 2)
        let mode = try FileManager.default.attributesOfItem(atPath: rig.output)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func theStepsAreToldInTheirOrderAndWithoutTheToken() async throws {
        let rig = try await Rig.start()
        try await rig.enroll()
        #expect(rig.messages.all.filter { $0.kind == .began }.map(\.step) == EnrollmentStep.allCases)
        for message in rig.messages.all { #expect(!message.text.contains(rig.enrollment.token)) }
        #expect(rig.messages.warnings.isEmpty)
        let texts = rig.messages.all.map { "\($0.step) \($0.text)" }
        #expect(Set(texts).count == texts.count, "nothing is told twice")
        try await rig.controller.shutdown()
    }

    @Test func aKeyIsMadeOnlyWhenThatWasAskedFor() async throws {
        let rig = try await Rig.start(key: nil)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.keyStoreError?.code == .noSuchKey)
        #expect(error.step == .openKey)
        #expect(rig.posts == 0)
        #expect(try rig.folder.names().isEmpty)

        var options = rig.options
        options.generate = .ecP384
        let result = try await rig.enroll(options: options)
        #expect(result.isKeyGenerated)
        #expect(result.keyType == .ecP384)
        try await rig.controller.shutdown()
    }

    @Test func everySchemeIsProvenBeforeTheTokenIsSpent() async throws {
        let rig = try await Rig.start(key: .rsa(bits: 2048))
        try await rig.enroll()
        // Six proofs, and the request.
        #expect(rig.store.signatures == KeyType.rsa(bits: 2048).algorithms + [.rsaPKCS1SHA256])
        try await rig.controller.shutdown()
    }

    @Test(arguments: [KeyProtection.touch, .pinAlways])
    func aKeyThatNeedsAPersonEachTimeProvesOneSchemeOnly(_ protection: KeyProtection) async throws {
        let rig = try await Rig.start(key: .rsa(bits: 2048), script: .init(protection: protection))
        try await rig.enroll()
        #expect(rig.store.signatures == [.rsaPSSSHA256, .rsaPKCS1SHA256])
        try await rig.controller.shutdown()
    }

    @Test func aKeyThatNeedsAPersonTriesTheNextSchemeWhereTheFirstFails() async throws {
        let failures = [SignatureAlgorithm.rsaPSSSHA256: KeyStoreError(.unsupportedMechanism, "no PSS")]
        let rig = try await Rig.start(
            key: .rsa(bits: 2048), script: .init(signFailures: failures, protection: .touch))
        let result = try await rig.enroll()
        #expect(rig.store.signatures == [.rsaPSSSHA256, .rsaPSSSHA384, .rsaPKCS1SHA256])
        #expect(result.algorithms.first == .rsaPSSSHA384)
        try await rig.controller.shutdown()
    }

    @Test func schemesThatFailAreDroppedAndReportedAndNotOfferedLater() async throws {
        let pss: [SignatureAlgorithm] = [.rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512]
        let rig = try await Rig.start(
            key: .rsa(bits: 2048),
            script: .init(
                signFailures: [pss[0]: KeyStoreError(.unsupportedMechanism, "no PSS")],
                wrongSignatures: [pss[1], pss[2]]))
        let result = try await rig.enroll()
        #expect(result.algorithms == [.rsaPKCS1SHA256, .rsaPKCS1SHA384, .rsaPKCS1SHA512])
        #expect(rig.messages.warnings.count == 4)
        #expect(rig.messages.warnings.last?.contains("TLS 1.2 only") == true)
        #expect(try rig.identity().extras.algorithms == result.algorithms)

        let authentication = try await Authenticator(identity: try rig.identity(), timeoutSeconds: 300)
            .authenticate(with: KeySource(store: rig.store, pin: .none))
        #expect(authentication.tlsVersion == "1.2")
        #expect(authentication.signatureAlgorithm == .rsaPKCS1SHA256)
        try await rig.controller.shutdown()
    }

    @Test func theCertificateIsStoredBesideTheKey() async throws {
        let rig = try await Rig.start()
        try await rig.enroll()
        #expect(rig.store.certificates == (try rig.identity().certificates))
        try await rig.controller.shutdown()
    }

    @Test func aCertificateThatCannotBeStoredIsReportedAndEndsNothing() async throws {
        let rig = try await Rig.start(script: .init(certificateFailure: KeyStoreError(.writeFailed, "no space left")))
        let result = try await rig.enroll()
        #expect(!result.isCertificateStored)
        #expect(rig.messages.warnings.contains { $0.contains("no space left") })
        #expect(FileManager.default.fileExists(atPath: rig.output))
        try await rig.controller.shutdown()
    }

    @Test func aWriteProtectedTokenEnrollsWithTheKeyThatIsThere() async throws {
        let rig = try await Rig.start(script: .init(isWriteProtected: true))
        try await rig.enroll()
        #expect(FileManager.default.fileExists(atPath: rig.output))
        try await rig.controller.shutdown()
    }

    @Test func theReferenceForSDKsIsCopiedAsItIs() async throws {
        let reference = "dialect://whatever?pin=secret"
        let rig = try await Rig.start(script: .init(sdkReference: reference))
        var options = rig.options
        options.isSDKCompatible = true
        try await rig.enroll(options: options)
        #expect(try rig.identity().key == reference)
        #expect(rig.messages.all.allSatisfy { !$0.text.contains("secret") })
        try await rig.controller.shutdown()
    }

    @Test func additionalAuthoritiesGoIntoTheIdentity() async throws {
        let rig = try await Rig.start()
        let other = try await Controller.start()
        var options = rig.options
        options.additionalAuthorities = other.certificateAuthoritiesPEM
        try await rig.enroll(options: options)
        #expect(try rig.identity().authorities.count == 4)
        try await other.shutdown()
        try await rig.controller.shutdown()
    }

    @Test func anOldAnswerInBarePEMIsTaken() async throws {
        // The controller issues a certificate, whose answer is lost; an old controller would have sent it like this.
        let rig = try await Rig.start()
        let certificate = try await issueApart(rig)
        rig.controller.script(
            Fault(
                pathSuffix: "/enroll",
                effect: .answer(
                    status: 200, headers: [("Content-Type", "application/x-pem-file")], body: certificate)))
        try await rig.enroll()
        #expect(try rig.identity().certificates.count == 2)
        try await rig.controller.shutdown()
    }

    /// A certificate for the rig's key that another enrollment of the same controller obtained.
    private func issueApart(_ rig: Rig) async throws -> String {
        let other = try rig.controller.makeEnrollment(name: "apart")
        var options = rig.options
        options.outputPath = rig.folder.path + "/apart.json"
        try await rig.enroll(jwt: other.jwt, options: options)
        return CertificateList.pem(try IdentityFile(path: options.outputPath).certificates)
    }

    @Test func aTokenThatIsAbsentIsReplacedByTheFallbackAndThatIsRecorded() async throws {
        let rig = try await Rig.start(
            key: nil, script: .init(openFailure: KeyStoreError(.noSuchToken, "no token has this serial number")))
        let fallback = try ScriptedStore(Rig.freshURI())
        var options = rig.options
        options.fallback = KeySource(store: fallback, pin: .none)
        let result = try await rig.enroll(options: options)
        #expect(result.fallbackReason == "no token has this serial number")
        #expect(result.isKeyGenerated)
        #expect(result.keyType == .ecP256)
        #expect(rig.messages.warnings.contains { $0.contains("the fallback \(fallback.uri) is used instead") })
        let extras = try rig.identity().extras
        #expect(extras.fallbackReason == "no token has this serial number")
        #expect(extras.fallbackFor == rig.store.uri.text)
        #expect(try rig.identity().key.hasPrefix(fallback.uri.text.prefix(20)))
        try await rig.controller.shutdown()
    }

    @Test(arguments: [KeyStoreError.Code.noSuchKey, .pinIncorrect, .ambiguousToken, .backendFailure, .pinRequired])
    func noOtherFailureIsReadAsAnAbsentToken(_ code: KeyStoreError.Code) async throws {
        let rig = try await Rig.start(key: nil, script: .init(openFailure: KeyStoreError(code, "it failed")))
        let fallback = try ScriptedStore(Rig.freshURI())
        var options = rig.options
        options.fallback = KeySource(store: fallback, pin: .none)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.keyStoreError?.code == code)
        #expect(fallback.sessionCount == 0)
        #expect(rig.posts == 0)
        try await rig.controller.shutdown()
    }

    @Test func theFallbackIsNotTouchedWhereTheTokenIsThere() async throws {
        let rig = try await Rig.start()
        let fallback = try ScriptedStore(Rig.freshURI())
        var options = rig.options
        options.fallback = KeySource(store: fallback, pin: .none)
        #expect(try await rig.enroll(options: options).fallbackReason == nil)
        #expect(fallback.sessionCount == 0)
        try await rig.controller.shutdown()
    }
}
