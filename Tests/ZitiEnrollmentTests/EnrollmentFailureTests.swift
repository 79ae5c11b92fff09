import TemporaryFiles
import DevelopmentController
import Foundation
import KeyStoreCore
import KeyStoreTesting
import Synchronization
import Testing

@testable import ZitiEnrollment

/// Enrollments that fail on this side, or after the token was sent, and what is left then.
struct EnrollmentFailureTests {
    // MARK: The output

    @Test func anOutputFileThatExistsIsNotTouched() async throws {
        let rig = try await Rig.start()
        try Data("mine".utf8).write(to: URL(filePath: rig.output))
        let error = try await rig.expectUntouched(.outputExists, at: .reserveOutput, leaves: ["identity.json"])
        #expect(error.group == .exists)
        #expect(try String(contentsOf: URL(filePath: rig.output), encoding: .utf8) == "mine")
        #expect(rig.store.sessionCount == 0)
        try await rig.controller.shutdown()
    }

    @Test func aDanglingLinkCountsAsAnOutputFile() async throws {
        let rig = try await Rig.start()
        try FileManager.default.createSymbolicLink(atPath: rig.output, withDestinationPath: "/nowhere/at/all")
        _ = try await rig.expectUntouched(.outputExists, at: .reserveOutput, leaves: ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func anOutputFileThatAppearsWhileAPINIsAskedForIsFoundBeforeTheTokenIsSpent() async throws {
        let rig = try await Rig.start()
        InMemoryBackend.setPIN("right", ofToken: String(rig.store.uri.path.prefix { $0 != ";" }))
        let output = rig.output
        let key = KeySource(
            store: rig.store,
            pin: .callback { _ throws(KeyStoreError) in
                _ = FileManager.default.createFile(atPath: output, contents: Data("mine".utf8))
                return try PIN("right")
            })
        _ = try await rig.expectUntouched(.outputExists, at: .enroll, key: key, leaves: ["identity.json"])
        #expect(try String(contentsOf: URL(filePath: rig.output), encoding: .utf8) == "mine")
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
        let error = try await rig.expectUntouched(.keyStore, at: .openKey, options: options)
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
        let error = try await rig.expectUntouched(.keyStore, at: .openKey, key: key)
        #expect(error.keyStoreError?.code == .ambiguousKey)

        var options = rig.options
        options.generate = .ecP256
        let other = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(options: options, key: key)
        }
        #expect(other.keyStoreError?.code == .keyExists)
        try await rig.controller.shutdown()
    }

    @Test func aWrongPINIsSentOnceAndEndsTheEnrollment() async throws {
        let rig = try await Rig.start()
        InMemoryBackend.setPIN("right", ofToken: String(rig.store.uri.path.prefix { $0 != ";" }))
        let asked = Mutex(0)
        let key = KeySource(
            store: rig.store,
            pin: .callback { _ throws(KeyStoreError) in
                asked.withLock { $0 += 1 }
                return try PIN("wrong")
            })
        let error = try await rig.expectUntouched(.keyStore, at: .openKey, key: key)
        #expect(error.keyStoreError?.code == .pinIncorrect)
        #expect(error.keyStoreError?.triesLeft == 2)
        #expect(asked.withLock { $0 } == 1)
        try await rig.controller.shutdown()
    }

    @Test func theRightPINIsAskedForOnceInAWholeEnrollment() async throws {
        let rig = try await Rig.start(key: .rsa(bits: 2048))
        InMemoryBackend.setPIN("right", ofToken: String(rig.store.uri.path.prefix { $0 != ";" }))
        let asked = Mutex(0)
        let key = KeySource(
            store: rig.store,
            pin: .callback { _ throws(KeyStoreError) in
                asked.withLock { $0 += 1 }
                return try PIN("right")
            })
        try await rig.enroll(key: key)
        #expect(asked.withLock { $0 } == 1)
        try await rig.controller.shutdown()
    }

    @Test func aKeyThatSignsWithNothingIsRefused() async throws {
        let rig = try await Rig.start(script: .init(wrongSignatures: [.ecdsaP256SHA256]))
        let error = try await rig.expectUntouched(.noUsableAlgorithm, at: .proveSignatures)
        #expect(error.message.contains("does not verify"))
        try await rig.controller.shutdown()
    }

    @Test(arguments: [KeyStoreError.Code.pinIncorrect, .touchTimeout, .tokenRemoved, .pinLocked])
    func aFailureThatIsNotTheAlgorithmsEndsTheProofAtOnce(_ code: KeyStoreError.Code) async throws {
        let failures = [SignatureAlgorithm.rsaPSSSHA256: KeyStoreError(code, "it failed")]
        let rig = try await Rig.start(key: .rsa(bits: 2048), script: .init(signFailures: failures))
        let error = try await rig.expectUntouched(.keyStore, at: .proveSignatures)
        #expect(error.keyStoreError?.code == code)
        #expect(error.group == .keyStore)
        #expect(rig.store.signatures == [.rsaPSSSHA256])
        try await rig.controller.shutdown()
    }

    @Test func anSDKReferenceThatTheBackendDoesNotHaveIsFoundBeforeTheTokenIsSpent() async throws {
        let rig = try await Rig.start()
        var options = rig.options
        options.isSDKCompatible = true
        let error = try await rig.expectUntouched(.keyStore, at: .makeRequest, options: options)
        #expect(error.keyStoreError?.code == .unsupportedOperation)
        try await rig.controller.shutdown()
    }

    @Test func anEmptySDKReferenceIsRefused() async throws {
        let rig = try await Rig.start(script: .init(sdkReference: ""))
        var options = rig.options
        options.isSDKCompatible = true
        let error = try await rig.expectUntouched(.keyStore, at: .makeRequest, options: options)
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
        #expect(try rig.folder.names().isEmpty)
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
        // What came is kept for somebody to look at.
        #expect(error.hint.contains("identity.json.rejected.pem"))
        let kept = try String(contentsOfFile: rig.output + ".rejected.pem", encoding: .utf8)
        #expect(CertificateList.parse(pem: kept)?.count == 2)
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
        #expect(try rig.folder.names() == ["identity.json", "identity.json.rejected.pem"])
        try await rig.controller.shutdown()
    }

    @Test func aCertificateOfAnotherPKIIsRefused() async throws {
        let rig = try await Rig.start()
        let other = try await Controller.start()
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
