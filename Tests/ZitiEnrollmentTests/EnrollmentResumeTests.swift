import TemporaryFiles
import DevelopmentController
import Foundation
import KeyStoreCore
import Synchronization
import Testing

@testable import ZitiEnrollment

/// Enrollments that were killed, and what the same call does afterwards.
struct EnrollmentResumeTests {
    /// The moments after which nothing is lost.
    static let resumable = EnrollmentMilestone.allCases.filter { $0 != .answerReceived && $0 != .journalRemoved }

    /// Stops an enrollment at a milestone, as a kill would.
    private func stop(_ rig: Rig, at milestone: EnrollmentMilestone, _ options: EnrollmentOptions) async throws {
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(options: options, stop: milestone)
        }
        #expect(error.underlying is EnrollmentMilestone.Interruption, "\(error)")
    }

    private func keyCount(_ store: ScriptedStore) async throws -> Int {
        try await store.openSession(pin: .none).keys().count
    }

    @Test(arguments: resumable)
    func theSameCallGoesOnAfterAKillWithAKeyThatItMade(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await Rig.start(key: nil)
        var options = rig.options
        options.generate = .ecP256
        try await stop(rig, at: milestone, options)
        let result = try await rig.enroll(options: options)
        #expect(result.isKeyGenerated)
        #expect(result.isResumed == (milestone != .jwtVerified && milestone != .authoritiesVerified))
        #expect(rig.posts == 1)
        #expect(try await keyCount(rig.store) == 1)
        #expect(try rig.folder.names() == ["identity.json"])
        let authentication = try await Authenticator(identity: rig.identity(), timeoutSeconds: 300)
            .authenticate(with: KeySource(store: rig.store, pin: .none))
        #expect(authentication.identityID == rig.enrollment.identityID)
        try await rig.controller.shutdown()
    }

    @Test(arguments: resumable.filter { ![.keyIntended, .keyGenerated].contains($0) })
    func theSameCallGoesOnAfterAKillWithAKeyThatWasThere(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await Rig.start()
        try await stop(rig, at: milestone, rig.options)
        let result = try await rig.enroll()
        #expect(!result.isKeyGenerated)
        #expect(rig.posts == 1)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test(arguments: [
        EnrollmentMilestone.keyIntended, .keyGenerated, .keyRecorded, .postRecorded, .certificateRecorded,
    ])
    func aKillWithTheFallbackInUseGoesOnWithTheFallback(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await Rig.start(key: .ecP256, script: .init(openFailure: KeyStoreError(.noSuchToken, "absent")))
        let fallback = try ScriptedStore(Rig.freshURI())
        var options = rig.options
        options.fallback = KeySource(store: fallback, pin: .none)
        try await stop(rig, at: milestone, options)
        // The token is back. What has begun with the fallback ends with it all the same.
        rig.store.script.withLock { $0.openFailure = nil }
        let result = try await rig.enroll(options: options)
        #expect(result.fallbackReason == "absent")
        #expect(try await keyCount(fallback) == 1)
        #expect(rig.posts == 1)
        #expect(try rig.identity().extras.fallbackReason == "absent")
        try await rig.controller.shutdown()
    }

    @Test(arguments: [EnrollmentMilestone.keyIntended, .keyGenerated, .keyRecorded])
    func aKeyMadeAtAReferenceThatNamesOnlyItsTokenIsFoundAgain(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await Rig.start(key: nil)
        let token = try ScriptedStore(KeyStoreURI(String(rig.store.uri.text.prefix { $0 != ";" })))
        let key = KeySource(store: token, pin: .none)
        var options = rig.options
        options.generate = .ecP256
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(options: options, key: key, stop: milestone)
        }
        #expect(error.underlying is EnrollmentMilestone.Interruption)
        let result = try await rig.enroll(options: options, key: key)
        #expect(result.isKeyGenerated)
        #expect(try await keyCount(token) == 1)
        // The identity names the key, and not only the token.
        #expect(try rig.identity().key.contains(";id="))
        try await rig.controller.shutdown()
    }

    @Test func theHalfOfAKeyThatAKillLeftIsRemovedAndTheKeyMade() async throws {
        let rig = try await Rig.start(key: nil)
        let half = try await ScriptedStore(Rig.freshURI()).makeKey(.ecP256).publicKey()
        var options = rig.options
        options.generate = .ecP256
        try await stop(rig, at: .keyIntended, options)
        rig.store.script.withLock { $0.half = half }
        let result = try await rig.enroll(options: options)
        #expect(result.isKeyGenerated && result.isResumed)
        #expect(rig.store.script.withLock { $0.half } == nil)
        #expect(try await keyCount(rig.store) == 1)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [KeyType.ecP256, .ecP384])
    func aPublicKeyThatNoEarlierAttemptLeftIsKept(_ type: KeyType) async throws {
        let rig = try await Rig.start(key: nil)
        let half = try await ScriptedStore(Rig.freshURI()).makeKey(type).publicKey()
        var options = rig.options
        options.generate = .ecP256
        // One of another type was never begun by this; one of the same type stood there before anything was.
        if type != .ecP256 { try await stop(rig, at: .keyIntended, options) }
        rig.store.script.withLock { $0.half = half }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.keyStoreError?.code == .keyExists)
        #expect(rig.store.script.withLock { $0.half } == half)
        #expect(rig.posts == 0)
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

    @Test func aKeyOfAnotherTypeIsNotTakenForTheOneThatWasToBeMade() async throws {
        let rig = try await Rig.start(key: nil)
        var options = rig.options
        options.generate = .ecP256
        try await stop(rig, at: .keyGenerated, options)
        options.generate = .ecP384
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.keyStoreError?.code == .keyExists)
        #expect(rig.posts == 0)
        try await rig.controller.shutdown()
    }

    @Test func aNewTokenAsksAnewWhetherTheTokenWithTheKeyIsAbsent() async throws {
        let rig = try await Rig.start(key: .ecP256, script: .init(openFailure: KeyStoreError(.noSuchToken, "absent")))
        let fallback = try ScriptedStore(Rig.freshURI())
        var options = rig.options
        options.fallback = KeySource(store: fallback, pin: .none)
        try await stop(rig, at: .keyRecorded, options)
        let second = try rig.controller.makeEnrollment(name: "second")
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: second.jwt, options: options, stop: .keyRecorded)
        }
        #expect(error.underlying is EnrollmentMilestone.Interruption)
        rig.store.script.withLock { $0.openFailure = nil }
        let third = try rig.controller.makeEnrollment(name: "third")
        let result = try await rig.enroll(jwt: third.jwt, options: options)
        #expect(result.fallbackReason == nil)
        #expect(try rig.identity().extras.fallbackReason == nil)
        #expect(try await keyCount(fallback) == 1)
        try await rig.controller.shutdown()
    }

    @Test func afterTheLastStepThereIsNothingToGoOnWith() async throws {
        let rig = try await Rig.start()
        try await stop(rig, at: .journalRemoved, rig.options)
        #expect(try rig.folder.names() == ["identity.json"])
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .outputExists)
        try await rig.controller.shutdown()
    }

    @Test func aKillBeforeThePostIsOnTheDiskSpendsNothingAndNeedsNoController() async throws {
        let rig = try await Rig.start()
        try await stop(rig, at: .certificateRecorded, rig.options)
        // From here on the controller has said all that it will.
        try await rig.controller.shutdown()
        let result = try await rig.enroll()
        #expect(result.isResumed)
        #expect(try rig.folder.names() == ["identity.json"])
    }

    // MARK: The answer that got lost

    @Test func aLostAnswerIsTriedOnceMoreAndTheTokenIsSaidToBeSpent() async throws {
        let rig = try await Rig.start(key: nil)
        var options = rig.options
        options.generate = .ecP256
        try await stop(rig, at: .answerReceived, options)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.code == .tokenSpent)
        #expect(error.group == .tokenSpent)
        #expect(error.step == .enroll)
        #expect(error.hint.contains("new JWT"))
        #expect(error.hint.contains("--key"))
        #expect(error.refusal?.code == "INVALID_ENROLLMENT_TOKEN")
        #expect(rig.posts == 2)
        #expect(try await keyCount(rig.store) == 1)

        // The remedy that the hint names, with and without --generate.
        let again = try rig.controller.makeEnrollment(name: "again")
        let result = try await rig.enroll(jwt: again.jwt, options: options)
        #expect(result.isKeyGenerated)
        #expect(result.identityID == again.identityID)
        #expect(try await keyCount(rig.store) == 1)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func theRemedyWorksIntoAnotherFileToo() async throws {
        let rig = try await Rig.start()
        try await stop(rig, at: .answerReceived, rig.options)
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

    @Test func anExpiredTokenIsLeftToTheControllerOnceItWasSent() async throws {
        let rig = try await Rig.start()
        try await stop(rig, at: .answerReceived, rig.options)
        let expired = try rig.controller.makeJWT(for: rig.enrollment) { $0.expiresAt = .now - 3600 }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: expired) }
        #expect(error.code == .tokenSpent)
        try await rig.controller.shutdown()
    }

    // MARK: Other keys, other tokens, other processes

    @Test(arguments: [EnrollmentMilestone.postRecorded, .certificateRecorded])
    func onceTheTokenWasSentNoOtherKeyIsTaken(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await Rig.start()
        try await stop(rig, at: milestone, rig.options)
        let other = try ScriptedStore(Rig.freshURI())
        try await other.makeKey(.ecP256)
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(key: KeySource(store: other, pin: .none))
        }
        #expect(error.code == .unfinishedEnrollment)
        #expect(error.group == .exists)
        #expect(try await rig.enroll().isResumed)
        try await rig.controller.shutdown()
    }

    @Test func beforeTheTokenWasSentAnotherKeyMayBeTakenAndTheFirstIsNamed() async throws {
        let rig = try await Rig.start(key: nil)
        var options = rig.options
        options.generate = .ecP256
        try await stop(rig, at: .keyRecorded, options)
        let other = try ScriptedStore(Rig.freshURI())
        try await other.makeKey(.ecP256)
        try await rig.enroll(key: KeySource(store: other, pin: .none))
        #expect(rig.messages.warnings.contains { $0.contains(rig.store.uri.text.prefix(20)) && $0.contains("unused") })
        try await rig.controller.shutdown()
    }

    @Test func aKeyThatWasExchangedMeanwhileIsNoticed() async throws {
        let rig = try await Rig.start()
        try await stop(rig, at: .keyRecorded, rig.options)
        let session = try await rig.store.openSession(SessionOptions(isWritable: true), pin: .none)
        let uri = try await session.key(at: rig.store.uri).info.uri
        try await session.deleting?.deleteKey(at: uri)
        _ = try await session.generateKey(.ecP256, at: uri)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.keyStoreError?.code == .identityChanged)
        #expect(rig.posts == 0)
        try await rig.controller.shutdown()
    }

    @Test func aKeyThatWasMadeAndIsGoneIsMadeAgainWhileNothingWasSent() async throws {
        let rig = try await Rig.start(key: nil)
        var options = rig.options
        options.generate = .ecP256
        try await stop(rig, at: .keyRecorded, options)
        let session = try await rig.store.openSession(SessionOptions(isWritable: true), pin: .none)
        try await session.deleting?.deleteKey(at: rig.store.uri)
        #expect(try await rig.enroll(options: options).isKeyGenerated)
        try await rig.controller.shutdown()
    }

    @Test func anotherTokenDoesNotGetTheCertificateOfAnUnfinishedEnrollment() async throws {
        let rig = try await Rig.start()
        try await stop(rig, at: .certificateRecorded, rig.options)
        let other = try rig.controller.makeEnrollment(name: "other")
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: other.jwt) }
        #expect(error.code == .unfinishedEnrollment)
        #expect(rig.posts == 1)
        #expect(try await rig.enroll().isResumed)
        try await rig.controller.shutdown()
    }

    @Test func aFileThatAppearsMeanwhileIsNotReplacedAndTheCertificateIsKept() async throws {
        let rig = try await Rig.start()
        try await stop(rig, at: .certificateRecorded, rig.options)
        try Data("mine".utf8).write(to: URL(filePath: rig.output))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .outputExists)
        #expect(try String(contentsOf: URL(filePath: rig.output), encoding: .utf8) == "mine")
        try FileManager.default.removeItem(atPath: rig.output)
        #expect(try await rig.enroll().isResumed)
        try await rig.controller.shutdown()
    }

    @Test func theJournalHoldsNoSecretAndIsForItsOwnerOnly() async throws {
        let rig = try await Rig.start(script: .init(sdkReference: "dialect://x?pin=secret"))
        var options = rig.options
        options.isSDKCompatible = true
        try await stop(rig, at: .identityWritten, options)
        let text = try String(contentsOf: URL(filePath: rig.journal), encoding: .utf8)
        #expect(!text.contains(rig.enrollment.token))
        #expect(!text.contains("secret"))
        let mode = try FileManager.default.attributesOfItem(atPath: rig.journal)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try await rig.controller.shutdown()
    }

    @Test func oneOfTwoEnrollmentsIntoOneFileIsTurnedAway() async throws {
        let rig = try await Rig.start()
        let second = try rig.controller.makeEnrollment(name: "second")
        let held = try EnrollmentJournal.create(JournalRecord(token: "other"), OutputFile(path: rig.output))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: second.jwt) }
        #expect(error.code == .enrollmentBusy)
        #expect(error.group == .unavailable)
        #expect(rig.controller.requests.isEmpty)
        try held.remove()
        try await rig.enroll(jwt: second.jwt)
        try await rig.controller.shutdown()
    }

    @Test func manyEnrollmentsIntoOneFileAtOnceLeaveOneIdentity() async throws {
        let rig = try await Rig.start()
        let tokens = try (0..<4).map { try rig.controller.makeEnrollment(name: "n\($0)").jwt }
        let codes = await withTaskGroup { group in
            for jwt in tokens {
                group.addTask { () -> EnrollmentError.Code? in
                    do throws(EnrollmentError) {
                        try await rig.enroll(jwt: jwt)
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == nil }.count == 1)
        #expect(codes.compactMap { $0 }.allSatisfy { $0 == .enrollmentBusy || $0 == .outputExists }, "\(codes)")
        #expect(rig.posts == 1)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }
}
