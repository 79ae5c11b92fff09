import DevelopmentController
import Foundation
import KeyStoreCore
import Testing

@testable import ZitiEnrollment

/// Enrollments that must fail, and what is left then.
struct EnrollmentRefusalTests {
    /// Enrolls, expects a failure, and that nothing was sent, that nothing stays, and that the token is good.
    private func expectUntouched(
        _ rig: Rig, _ code: EnrollmentError.Code, at step: EnrollmentStep?, jwt: String? = nil,
        options: EnrollmentOptions? = nil, key: KeySource? = nil, leaves names: [String] = []
    ) async throws -> EnrollmentError {
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options, key: key)
        }
        #expect(error.code == code, "\(error)")
        #expect(error.step == step)
        #expect(rig.posts == 0)
        #expect(rig.folder.names == names)
        #expect(try await rig.tokenStillWorks())
        #expect(!"\(error) \(error.hint)".contains(rig.enrollment.token))
        return error
    }

    // MARK: The JWT

    @Test func aMalformedJWTIsRefused() async throws {
        let rig = try await Rig.start()
        _ = try await expectUntouched(rig, .jwtMalformed, at: nil, jwt: "not.a.jwt")
        try await rig.controller.shutdown()
    }

    @Test func aJWTSignedBySomebodyElseIsRefusedInTheHandshake() async throws {
        let rig = try await Rig.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.isSignedByServer = false }
        let error = try await expectUntouched(rig, .jwtSignatureInvalid, at: .verifyJWT, jwt: jwt)
        #expect(error.group == .badInput)
        #expect(rig.store.sessionCount == 0)
        try await rig.controller.shutdown()
    }

    @Test func aJWTOfAnotherControllerIsRefusedInTheHandshake() async throws {
        let rig = try await Rig.start()
        let other = try await DevelopmentController.start()
        let foreign = try other.makeEnrollment(name: "x")
        let jwt = try other.makeJWT(for: foreign) { $0.issuer = rig.controller.url }
        let error = try await expectUntouched(rig, .jwtSignatureInvalid, at: .verifyJWT, jwt: jwt)
        #expect(error.hint.contains("another controller of the cluster"))
        #expect(rig.controller.requests.allSatisfy { $0.method != "GET" || $0.path.isEmpty == false })
        try await other.shutdown()
        try await rig.controller.shutdown()
    }

    @Test func anExpiredJWTIsRefusedWithoutAskingTheController() async throws {
        let rig = try await Rig.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.expiresAt = .now - 120 }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: jwt) }
        #expect(error.code == .jwtExpired)
        #expect(rig.controller.requests.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func aJWTThatExpiredWithinTheLeewayIsLeftToTheController() async throws {
        let rig = try await Rig.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.expiresAt = .now - 30 }
        try await rig.enroll(jwt: jwt)
        #expect(rig.posts == 1)
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["ottca", "ca", "updb", "network", "erott", "trott", "else"])
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
        #expect(rig.folder.names == ["identity.json"])
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
        #expect(rig.folder.names.isEmpty)
    }

    @Test func aCertificateForAnotherHostIsRefused() async throws {
        var configuration = DevelopmentController.Configuration()
        configuration.certificateHostNames = ["other.example.org"]
        let rig = try await Rig.start(configuration)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .certificateNotTrusted)
        #expect(error.message.contains("localhost"))
        #expect(rig.controller.requests.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func aCertificateForAnotherAddressIsRefused() async throws {
        var configuration = DevelopmentController.Configuration()
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
        var configuration = DevelopmentController.Configuration()
        configuration.now = { clock.now }
        let rig = try await Rig.start(configuration)
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.expiresAt = .now + 3600 }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: jwt) }
        #expect(error.code == .certificateNotTrusted)
        #expect(error.hint.contains("clock"))
        #expect(rig.controller.requests.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func aBundleOfAnotherPKIIsRefused() async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: .serveForeignBundle))
        _ = try await expectUntouched(rig, .certificateNotTrusted, at: .fetchAuthorities)
        #expect(rig.messages.all.allSatisfy { $0.step <= .fetchAuthorities } || rig.posts > 0)
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["", "garbage", "{\"data\":{}}", "MIIEsQYJKoZIhvcNAQcCoIIEoj"])
    func aBundleOfGarbageIsRefused(_ body: String) async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: .answer(status: 200, headers: [], body: body)))
        _ = try await expectUntouched(rig, .caBundleInvalid, at: .fetchAuthorities)
        try await rig.controller.shutdown()
    }

    @Test func aHugeBundleIsRefused() async throws {
        let rig = try await Rig.start()
        let body = String(repeating: "A", count: CertificateBundle.maximumLength + 1)
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: .answer(status: 200, headers: [], body: body)))
        _ = try await expectUntouched(rig, .answerInvalid, at: .fetchAuthorities)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [Fault.Effect.truncateBody(bytes: 100), .closeBeforeProcessing])
    func aBundleThatBreaksOffIsRefused(_ effect: Fault.Effect) async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: effect))
        _ = try await expectUntouched(rig, .controllerUnreachable, at: .fetchAuthorities)
        try await rig.controller.shutdown()
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let rig = try await Rig.start()
        rig.controller.script(
            Fault(
                pathSuffix: "cacerts",
                effect: .answer(status: 302, headers: [("Location", "\(rig.controller.url)/elsewhere")], body: "")))
        _ = try await expectUntouched(rig, .answerInvalid, at: .fetchAuthorities)
        #expect(!rig.controller.requests.contains { $0.path == "/elsewhere" })
        try await rig.controller.shutdown()
    }

    @Test func aRefusalOfTheBundleKeepsItsStatus() async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: .answer(status: 503, headers: [], body: "busy")))
        let error = try await expectUntouched(rig, .refusedByController, at: .fetchAuthorities)
        #expect(error.refusal?.status == 503)
        try await rig.controller.shutdown()
    }

    @Test func additionalAuthoritiesThatAreNoneAreRefused() async throws {
        let rig = try await Rig.start()
        var options = rig.options
        options.additionalAuthorities = "no certificates"
        _ = try await expectUntouched(rig, .inputInvalid, at: .fetchAuthorities, options: options)
        try await rig.controller.shutdown()
    }

    // MARK: The output

    @Test func anOutputFileThatExistsIsNotTouched() async throws {
        let rig = try await Rig.start()
        try Data("mine".utf8).write(to: URL(filePath: rig.output))
        let error = try await expectUntouched(rig, .outputExists, at: .reserveOutput, leaves: ["identity.json"])
        #expect(error.group == .exists)
        #expect(try String(contentsOf: URL(filePath: rig.output), encoding: .utf8) == "mine")
        #expect(rig.store.sessionCount == 0)
        try await rig.controller.shutdown()
    }

    @Test func aDanglingLinkCountsAsAnOutputFile() async throws {
        let rig = try await Rig.start()
        try FileManager.default.createSymbolicLink(atPath: rig.output, withDestinationPath: "/nowhere/at/all")
        _ = try await expectUntouched(rig, .outputExists, at: .reserveOutput, leaves: ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func aFolderThatCannotBeWrittenIsFoundBeforeTheTokenIsSpent() async throws {
        let rig = try await Rig.start()
        var options = rig.options
        // Not even root creates files here, which a mode of 0555 would not say.
        for folder in ["/proc", rig.folder.path + "/missing", "/dev/null"] {
            options.outputPath = folder + "/identity.json"
            let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
            #expect(error.code == .outputNotWritable, "\(error)")
            #expect(error.step == .reserveOutput)
            #expect(error.group == .cannotWrite)
        }
        #expect(rig.posts == 0)
        #expect(rig.store.sessionCount == 0)
        #expect(try await rig.tokenStillWorks())
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["", "/", "folder/", ".", "folder/.."])
    func aPathThatNamesNoFileIsRefused(_ path: String) {
        #expect(throws: EnrollmentError(.outputNotWritable, "")) { try OutputFile(path: path) }
    }

    // MARK: The key

    @Test func aKeyThatExistsIsNotMadeAgain() async throws {
        let rig = try await Rig.start()
        var options = rig.options
        options.generate = .ecP256
        let error = try await expectUntouched(rig, .keyStore, at: .openKey, options: options)
        #expect(error.keyStoreError?.code == .keyExists)
        #expect(error.hint.contains("--generate"))
        try await rig.controller.shutdown()
    }

    @Test func twoKeysThatMatchAreAnError() async throws {
        let rig = try await Rig.start()
        let token = try KeyStoreURI(String(rig.store.uri.text.prefix { $0 != ";" }))
        let second = try ScriptedStore(KeyStoreURI("\(token.text);object=second"))
        try await second.makeKey(.ecP256)
        let key = KeySource(store: try ScriptedStore(token), pin: .none)
        let error = try await expectUntouched(rig, .keyStore, at: .openKey, key: key)
        #expect(error.keyStoreError?.code == .ambiguousKey)

        var options = rig.options
        options.generate = .ecP256
        let other = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options, key: key) }
        #expect(other.keyStoreError?.code == .keyExists)
        try await rig.controller.shutdown()
    }

    @Test func aKeyThatSignsWithNothingIsRefused() async throws {
        let rig = try await Rig.start(script: .init(wrongSignatures: [.ecdsaP256SHA256]))
        let error = try await expectUntouched(rig, .noUsableAlgorithm, at: .proveSignatures)
        #expect(error.message.contains("does not verify"))
        try await rig.controller.shutdown()
    }

    @Test(arguments: [KeyStoreError.Code.pinIncorrect, .touchTimeout, .tokenRemoved, .pinLocked])
    func aFailureThatIsNotTheAlgorithmsEndsTheProofAtOnce(_ code: KeyStoreError.Code) async throws {
        let failures = [SignatureAlgorithm.rsaPSSSHA256: KeyStoreError(code, "it failed")]
        let rig = try await Rig.start(key: .rsa(bits: 2048), script: .init(signFailures: failures))
        let error = try await expectUntouched(rig, .keyStore, at: .proveSignatures)
        #expect(error.keyStoreError?.code == code)
        #expect(error.group == .keyStore)
        #expect(rig.store.signatures == [.rsaPSSSHA256])
        try await rig.controller.shutdown()
    }

    @Test func anSDKReferenceThatTheBackendDoesNotHaveIsFoundBeforeTheTokenIsSpent() async throws {
        let rig = try await Rig.start()
        var options = rig.options
        options.isSDKCompatible = true
        let error = try await expectUntouched(rig, .keyStore, at: .makeRequest, options: options)
        #expect(error.keyStoreError?.code == .unsupportedOperation)
        try await rig.controller.shutdown()
    }

    @Test func anEmptySDKReferenceIsRefused() async throws {
        let rig = try await Rig.start(script: .init(sdkReference: ""))
        var options = rig.options
        options.isSDKCompatible = true
        let error = try await expectUntouched(rig, .keyStore, at: .makeRequest, options: options)
        #expect(error.keyStoreError?.code == .invalidReply)
        try await rig.controller.shutdown()
    }

    // MARK: The answer

    @Test func aRequestThatTheControllerCannotReadLeavesTheTokenGood() async throws {
        let rig = try await Rig.start()
        let recorded = try Recordings.answer("enroll-ott-bad-csr-garbage")
        rig.controller.script(
            Fault(
                pathSuffix: "/enroll",
                effect: .answer(
                    status: recorded.status, headers: [("Content-Type", "application/json")],
                    body: String(decoding: recorded.body, as: UTF8.self))))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .refusedByController)
        #expect(error.refusal?.code == "COULD_NOT_PROCESS_CSR")
        #expect(error.group == .refused)
        #expect(rig.folder.names.isEmpty)
        #expect(try await rig.tokenStillWorks())
        try await rig.controller.shutdown()
    }

    @Test func aCertificateForAnotherKeyIsRefused() async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .issueForAnotherKey))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .certificateMismatch)
        #expect(error.step == .checkCertificate)
        #expect(error.message.contains("another key"))
        #expect(!FileManager.default.fileExists(atPath: rig.output))
        #expect(rig.store.certificates.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func anExpiredCertificateIsRefusedAndANewJWTWithTheSameKeyHelps() async throws {
        let rig = try await Rig.start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .issueExpired))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .certificateMismatch)
        #expect(error.message.contains("expired"))
        let again = try rig.controller.makeEnrollment(name: "again")
        #expect(try await rig.enroll(jwt: again.jwt).identityID == again.identityID)
        #expect(rig.folder.names == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func aCertificateOfAnotherPKIIsRefused() async throws {
        let rig = try await Rig.start()
        let other = try await DevelopmentController.start()
        var options = rig.options
        options.outputPath = rig.folder.path + "/other.json"
        try await rig.enroll(jwt: other.makeEnrollment(name: "x").jwt, options: options)
        let foreign = CertificateList.pem(try IdentityFile(path: options.outputPath).certificates)
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .answer(status: 200, headers: [], body: foreign)))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .certificateMismatch)
        #expect(error.message.contains("authorities"))
        try await other.shutdown()
        try await rig.controller.shutdown()
    }

    @Test func aCertificateThatIsNotForClientsIsRefused() async throws {
        let rig = try await Rig.start()
        let server = CertificateList.pem([rig.controller.serverCertificateDER])
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .answer(status: 200, headers: [], body: server)))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .certificateMismatch)
        try await rig.controller.shutdown()
    }

    // MARK: Giving up

    @Test func aCancelledTaskSpendsNothing() async throws {
        let rig = try await Rig.start()
        let task = Task { () throws in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await rig.enroll()
        }
        let result = await task.result
        let error = try #require(throws: EnrollmentError.self) { try result.get() }
        #expect(error.code == .cancelled)
        #expect(error.group == .cancelled)
        #expect(rig.posts == 0)
        #expect(try await rig.tokenStillWorks())
        try await rig.controller.shutdown()
    }

    @Test func aControllerThatSaysNothingIsGivenUpInTime() async throws {
        let rig = try await Rig.start()
        let silent = try await SilentServer.start()
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.issuer = "https://127.0.0.1:\(silent.port)" }
        var options = rig.options
        options.timeoutSeconds = 1
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options)
        }
        #expect(error.code == .timedOut)
        #expect(error.group == .timedOut)
        try await silent.close()
        try await rig.controller.shutdown()
    }
}
