import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// Renewals and key rolls that were killed, or whose answers got lost, and what the same call does afterwards.
struct RenewalResumeTests {
    /// The moments from which on the controller accepts the new certificate only, and its file is not in place yet.
    static let between: Set<RenewalMilestone> = [.verifyAnswered, .newCertificateProven]
    /// The moments after which the certificate has to be asked for once more.
    static let asksAgain: Set<RenewalMilestone> = [.extendAnswered, .certificateChecked, .certificateRecorded]
    static let ofRenewals = RenewalMilestone.allCases.filter {
        ![.keyIntended, .keyGenerated, .keyRecorded, .journalRemoved].contains($0)
    }
    static let ofRolls = RenewalMilestone.allCases.filter { $0 != .journalRemoved }

    private func stop(
        _ rig: Rig, at milestone: RenewalMilestone, roll: KeyRoll? = nil, in other: ScriptedStore? = nil
    ) async throws {
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.renew(roll: roll, in: other, stop: milestone)
        }
        #expect(error.underlying is RenewalMilestone.Interruption, "\(error)")
    }

    private func keyCount(_ store: ScriptedStore) async throws -> Int {
        try await store.openSession(pin: .none).keys().count
    }

    @Test(arguments: ofRenewals)
    func theSameRenewalGoesOnAfterAKill(_ milestone: RenewalMilestone) async throws {
        let rig = try await Rig.enrolled()
        try await stop(rig, at: milestone)
        #expect(try await rig.logsIn() == !Self.between.contains(milestone))
        let result = try await rig.renew()
        #expect(result.isRenewed)
        #expect(rig.count("/extend") == (Self.asksAgain.contains(milestone) ? 2 : 1))
        #expect(try await rig.logsIn())
        #expect(rig.store.certificates == (try rig.identity().certificates))
        #expect(try rig.folder.names() == ["identity.json"])
        #expect(try await keyCount(rig.store) == 1)
        try await rig.controller.shutdown()
    }

    @Test(arguments: ofRolls, [true, false])
    func theSameRollGoesOnAfterAKill(_ milestone: RenewalMilestone, deletesOldKey: Bool) async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI())
        let roll = KeyRoll(
            to: KeySource(store: other, pin: .none), generate: .ecP256, deletesOldKey: deletesOldKey)
        try await stop(rig, at: milestone, roll: roll, in: other)
        #expect(try await rig.logsIn(other) == !Self.between.contains(milestone))
        let result = try await rig.renew(roll: roll, in: other)
        #expect(result.isKeyGenerated)
        #expect(result.oldKey != nil)
        #expect(result.isOldKeyDeleted == deletesOldKey)
        #expect(try await rig.logsIn(other))
        #expect(try rig.identity().key == result.key.text)
        #expect(try rig.folder.names() == ["identity.json"])
        #expect(try await keyCount(other) == 1)
        #expect(try await keyCount(rig.store) == (deletesOldKey ? 0 : 1))
        try await rig.controller.shutdown()
    }

    @Test func aKillAfterEverythingLeavesNothingToDo() async throws {
        let rig = try await Rig.enrolled()
        try await stop(rig, at: .journalRemoved)
        #expect(try rig.folder.names() == ["identity.json"])
        #expect(try await rig.logsIn())
        try await rig.controller.shutdown()
    }

    @Test func theNewFileIsOnTheDiskBeforeTheControllerIsToldOfIt() async throws {
        let rig = try await Rig.enrolled()
        try await stop(rig, at: .nextWritten)
        #expect(rig.count("/extend-verify") == 0)
        var status = stat()
        #expect(stat(rig.output + ".next", &status) == 0 && status.st_mode & 0o777 == 0o600)
        let next = try IdentityFile(path: rig.output + ".next")
        #expect(next.certificates != (try rig.identity().certificates))
        try await rig.controller.shutdown()
    }

    // MARK: Lost answers

    @Test func aLostAnswerOfExtendIsAskedForOnceMore() async throws {
        let rig = try await Rig.enrolled()
        rig.controller.script(Fault(pathSuffix: "/extend", effect: .closeAfterProcessing))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew() }
        #expect(error.hint.contains("unchanged"), "\(error)")
        #expect(try rig.folder.names() == ["identity.json"])
        #expect(try await rig.logsIn())
        #expect(try await rig.renew().isRenewed)
        #expect(try await rig.logsIn())
        try await rig.controller.shutdown()
    }

    @Test func aLostAnswerOfVerifyIsHealedByLoggingIn() async throws {
        let rig = try await Rig.enrolled()
        rig.controller.script(Fault(pathSuffix: "/extend-verify", effect: .closeAfterProcessing))
        let messages = RenewalMessages()
        #expect(try await rig.renew(tells: messages).isRenewed)
        #expect(messages.warnings.contains { $0.contains("no answer came") })
        #expect(try await rig.logsIn())
        try await rig.controller.shutdown()
    }

    @Test func aRequestToVerifyThatNeverArrivedIsSentByTheSameCall() async throws {
        let rig = try await Rig.enrolled()
        rig.controller.script(Fault(pathSuffix: "/extend-verify", effect: .closeBeforeProcessing))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew() }
        #expect(error.code == .renewalUnfinished)
        #expect(try rig.folder.names() == ["identity.json", "identity.json.next", "identity.json.renewing"])
        #expect(try await rig.logsIn(), "the old certificate is as good as before")
        let result = try await rig.renew()
        #expect(result.isRenewed && result.isResumed)
        #expect(rig.count("/extend") == 1)
        #expect(try await rig.logsIn())
        try await rig.controller.shutdown()
    }

    @Test func aCertificateThatIsAcceptedAlreadyNeedsNoSecondVerification() async throws {
        let rig = try await Rig.enrolled()
        // The first answer gets lost together with the login that would have shown what it was.
        rig.controller.script(Fault(pathSuffix: "/extend-verify", effect: .closeAfterProcessing))
        rig.controller.script(Fault(pathSuffix: "/authenticate", effect: .delay(milliseconds: 0)))
        rig.controller.script(Fault(pathSuffix: "/authenticate", effect: .closeBeforeProcessing))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew() }
        #expect(error.code == .renewalUnfinished)
        #expect(try await !rig.logsIn())
        let result = try await rig.renew()
        #expect(result.isRenewed && result.isResumed)
        #expect(rig.count("/extend-verify") == 1)
        #expect(try await rig.logsIn())
        try await rig.controller.shutdown()
    }

    @Test func aCertificateThatSomebodyElseHasSupersededIsForgotten() async throws {
        let rig = try await Rig.enrolled()
        try await stop(rig, at: .nextWritten)
        let held = try Data(contentsOf: URL(filePath: rig.output + ".next"))
        // Another host asks for a certificate of the same identity, and goes no further.
        let copy = rig.folder.path("copy.json")
        try FileManager.default.copyItem(atPath: rig.output, toPath: copy)
        await #expect(throws: EnrollmentError.self) { try await rig.renew(path: copy, stop: .extendAnswered) }
        let result = try await rig.renew()
        #expect(result.isRenewed)
        #expect(rig.count("/extend") == 3)
        #expect(try Data(contentsOf: URL(filePath: rig.output)) != held)
        #expect(try await rig.logsIn())
        try await rig.controller.shutdown()
    }

    @Test func aControllerThatFallsSilentIsGivenUpAndTheSameCallGoesOn() async throws {
        let rig = try await Rig.enrolled()
        rig.controller.script(Fault(pathSuffix: "/extend", effect: .hang))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew(timeoutSeconds: 5) }
        #expect(error.code == .timedOut)
        #expect(try rig.folder.names() == ["identity.json"])
        rig.controller.script(Fault(pathSuffix: "/extend-verify", effect: .hangAfterProcessing))
        #expect(try await rig.renew(timeoutSeconds: 5).isRenewed, "logging in shows that the controller heard")
        #expect(try await rig.logsIn())
        try await rig.controller.shutdown()
    }

    @Test func anotherControllerOfTheIdentityIsAskedWhereTheFirstIsOutOfReach() async throws {
        let rig = try await Rig.enrolled()
        let silent = try await SilentServer.start()
        let dead = "https://localhost:\(silent.port)"
        try await silent.close()
        var identity = try rig.identity()
        identity.controllerAPIs = [identity.controller.clientAPI]
        identity.controller = try #require(ControllerAddress(dead))
        let path = rig.folder.path("moved.json")
        try identity.write(to: path)
        let result = try await rig.renew(path: path)
        #expect(result.controller.text == rig.controller.url)
        #expect(try IdentityFile(path: path).controller.text == dead, "the file goes on naming what it named")
        try await rig.controller.shutdown()
    }

    // MARK: What cannot go on

    @Test func anIdentityWhoseCertificatesAreBothRefusedIsLost() async throws {
        let rig = try await Rig.enrolled()
        try await stop(rig, at: .nextWritten)
        let copy = rig.folder.path("copy.json")
        try FileManager.default.copyItem(atPath: rig.output, toPath: copy)
        try await rig.renew(path: copy)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew() }
        #expect(error.code == .identityLost)
        #expect(error.group == .refused)
        #expect(try rig.folder.names().contains("identity.json.next"), "nothing is thrown away")
        try await rig.controller.shutdown()
    }

    @Test func anotherCommandDoesNotGoOnWithARoll() async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI())
        let roll = KeyRoll(to: KeySource(store: other, pin: .none), generate: .ecP256)
        try await stop(rig, at: .keyGenerated, roll: roll, in: other)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew() }
        #expect(error.code == .unfinishedRenewal)
        #expect(error.message.contains(other.uri.text))
        #expect(error.group == .exists)
        #expect(try await rig.renew(roll: roll, in: other).isRenewed)
        try await rig.controller.shutdown()
    }

    @Test func aKillBeforeAnythingWasDoneBindsNobody() async throws {
        let rig = try await Rig.enrolled()
        try await stop(rig, at: .loggedIn)
        let other = try ScriptedStore(Rig.freshURI())
        let roll = KeyRoll(to: KeySource(store: other, pin: .none), generate: .ecP256)
        #expect(try await rig.renew(roll: roll, in: other).isRenewed)
        try await rig.controller.shutdown()
    }

    @Test func theSecondOfTwoRenewalsAtOnceIsRefused() async throws {
        let rig = try await Rig.enrolled()
        let held = try RenewalJournal.create(
            RenewalRecord(requestedKey: nil), RenewalFiles(path: rig.output).identity)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew() }
        #expect(error.code == .renewalBusy)
        #expect(error.group == .unavailable)
        #expect(rig.count("/extend") == 0)
        try held.remove()
        #expect(try await rig.renew().isRenewed)
        try await rig.controller.shutdown()
    }

    @Test func aNextFileOfAnotherKindIsNotTouched() async throws {
        let rig = try await Rig.enrolled()
        for (contents, mode) in [("{}", 0o600), (try String(contentsOfFile: rig.output, encoding: .utf8), 0o666)] {
            try rig.folder.write("identity.json.next", contents, mode: mode_t(mode))
            let error = try await #require(throws: EnrollmentError.self) { try await rig.renew() }
            #expect(error.code == .journalInvalid)
            #expect(try rig.folder.read("identity.json.next") == Array(contents.utf8))
        }
        try await rig.controller.shutdown()
    }

    @Test func theOldKeyIsDeletedOnlyIfItIsStillTheOne() async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI())
        let roll = KeyRoll(
            to: KeySource(store: other, pin: .none), generate: .ecP256, deletesOldKey: true)
        try await stop(rig, at: .certificateStored, roll: roll, in: other)
        let session = try await rig.store.openSession(SessionOptions(isWritable: true), pin: .none)
        let old = try #require(try await session.keys().first?.uri)
        try await session.deleting?.deleteKey(at: old)
        _ = try await session.generateKey(.ecP256, at: old)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew(roll: roll, in: other) }
        #expect(error.keyStoreError?.code == .identityChanged)
        #expect(try await keyCount(rig.store) == 1)
        #expect(try await rig.logsIn(other))
        // What is left undone does not stand in the way of what the identity needs next.
        let messages = RenewalMessages()
        let next = try await rig.renew(in: other, tells: messages)
        #expect(next.isRenewed)
        #expect(messages.warnings.contains { $0.contains("stays in its store") })
        #expect(try await rig.logsIn(other))
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func aNewFileThatCannotBeWrittenIsNothingThatTheControllerIsToldOf() async throws {
        let rig = try await Rig.enrolled()
        let next = rig.output + ".next"
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.renew { milestone in
                // Something appears in its place that a file does not replace.
                if milestone == .certificateRecorded { mkdir(next, 0o700) }
            }
        }
        #expect(error.code == .outputNotWritable)
        #expect(rig.count("/extend-verify") == 0)
        #expect(try rig.folder.names() == ["identity.json", "identity.json.next"], "the journal holds nothing")
        rmdir(next)
        #expect(try await rig.logsIn())
        #expect(try await rig.renew().isRenewed)
        try await rig.controller.shutdown()
    }
}
