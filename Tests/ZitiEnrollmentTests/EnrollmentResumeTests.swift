import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// Enrollments that were killed, and what the same call does afterwards.
struct EnrollmentResumeTests {
    /// The moments after which nothing is lost.
    static let resumable = EnrollmentMilestone.allCases.filter { $0 != .answerReceived && $0 != .journalRemoved }

    @Test(arguments: resumable)
    func theSameCallGoesOnAfterAKillWithAKeyThatItMade(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await Rig.start(key: nil)
        var options = rig.options
        options.generate = .ecP256
        try await rig.stop(at: milestone, options: options)
        let result = try await rig.enroll(options: options)
        #expect(result.isKeyGenerated)
        #expect(result.isResumed == (milestone != .jwtVerified && milestone != .authoritiesVerified))
        #expect(rig.posts == 1)
        #expect(try await rig.store.keyCount() == 1)
        #expect(try rig.folder.names() == ["identity.json"])
        let authentication = try await Authenticator(identity: rig.identity(), timeoutSeconds: 300)
            .authenticate(with: KeySource(store: rig.store, pin: .none))
        #expect(authentication.identityID == rig.enrollment.identityID)
        try await rig.controller.shutdown()
    }

    @Test(arguments: resumable.filter { ![.keyIntended, .keyGenerated].contains($0) })
    func theSameCallGoesOnAfterAKillWithAKeyThatWasThere(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await Rig.start()
        try await rig.stop(at: milestone)
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
        try await rig.stop(at: milestone, options: options)
        // The token is back. What has begun with the fallback ends with it all the same.
        rig.store.script.withLock { $0.openFailure = nil }
        let result = try await rig.enroll(options: options)
        #expect(result.fallbackReason == "absent")
        #expect(try await fallback.keyCount() == 1)
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
        #expect(try await token.keyCount() == 1)
        // The identity names the key, and not only the token.
        #expect(try rig.identity().key.contains(";id="))
        try await rig.controller.shutdown()
    }

    @Test func theHalfOfAKeyThatAKillLeftIsRemovedAndTheKeyMade() async throws {
        let rig = try await Rig.start(key: nil)
        let half = try await ScriptedStore(Rig.freshURI()).makeKey(.ecP256).publicKey()
        var options = rig.options
        options.generate = .ecP256
        try await rig.stop(at: .keyIntended, options: options)
        rig.store.script.withLock { $0.half = half }
        let result = try await rig.enroll(options: options)
        #expect(result.isKeyGenerated && result.isResumed)
        #expect(rig.store.script.withLock { $0.half } == nil)
        #expect(try await rig.store.keyCount() == 1)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [KeyType.ecP256, .ecP384])
    func aPublicKeyThatNoEarlierAttemptLeftIsKept(_ type: KeyType) async throws {
        let rig = try await Rig.start(key: nil)
        let half = try await ScriptedStore(Rig.freshURI()).makeKey(type).publicKey()
        var options = rig.options
        options.generate = .ecP256
        // One of another type was never begun by this; one of the same type stood there before anything was.
        if type != .ecP256 { try await rig.stop(at: .keyIntended, options: options) }
        rig.store.script.withLock { $0.half = half }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.keyStoreError?.code == .keyExists)
        #expect(rig.store.script.withLock { $0.half } == half)
        #expect(rig.posts == 0)
        try await rig.controller.shutdown()
    }

    @Test func aKeyOfAnotherTypeIsNotTakenForTheOneThatWasToBeMade() async throws {
        let rig = try await Rig.start(key: nil)
        var options = rig.options
        options.generate = .ecP256
        try await rig.stop(at: .keyGenerated, options: options)
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
        try await rig.stop(at: .keyRecorded, options: options)
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
        #expect(try await fallback.keyCount() == 1)
        try await rig.controller.shutdown()
    }

    @Test func afterTheLastStepThereIsNothingToGoOnWith() async throws {
        let rig = try await Rig.start()
        try await rig.stop(at: .journalRemoved)
        #expect(try rig.folder.names() == ["identity.json"])
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .outputExists)
        try await rig.controller.shutdown()
    }

    @Test func aKillBeforeThePostIsOnTheDiskSpendsNothingAndNeedsNoController() async throws {
        let rig = try await Rig.start()
        try await rig.stop(at: .certificateRecorded)
        // From here on the controller has said all that it will.
        try await rig.controller.shutdown()
        let result = try await rig.enroll()
        #expect(result.isResumed)
        #expect(try rig.folder.names() == ["identity.json"])
    }

    @Test func noKillMakesAPublicKeyThatStoodThereBeforeOneOfOurs() async throws {
        let rig = try await Rig.start(key: nil)
        let half = try await ScriptedStore(Rig.freshURI()).makeKey(.ecP256).publicKey()
        rig.store.script.withLock { $0.half = half }
        var options = rig.options
        options.generate = .ecP256
        for _ in 0..<2 {
            let error = try await #require(throws: EnrollmentError.self) {
                try await rig.enroll(options: options, stop: .keyIntended)
            }
            #expect(error.keyStoreError?.code == .keyExists, "\(error)")
        }
        #expect(rig.store.script.withLock { $0.half } == half)
        try await rig.controller.shutdown()
    }
}
