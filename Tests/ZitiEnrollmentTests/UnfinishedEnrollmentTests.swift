import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// An unfinished enrollment that meets other keys, other tokens and other processes than those which began it.
struct UnfinishedEnrollmentTests {
    @Test(arguments: [EnrollmentMilestone.postRecorded, .certificateRecorded])
    func onceTheTokenWasSentNoOtherKeyIsTaken(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await Rig.start()
        try await rig.stop(at: milestone)
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
        try await rig.stop(at: .keyRecorded, options: options)
        let other = try ScriptedStore(Rig.freshURI())
        try await other.makeKey(.ecP256)
        try await rig.enroll(key: KeySource(store: other, pin: .none))
        #expect(rig.messages.warnings.contains { $0.contains(rig.store.uri.text.prefix(20)) && $0.contains("unused") })
        try await rig.controller.shutdown()
    }

    @Test func aKeyThatWasExchangedMeanwhileIsNoticed() async throws {
        let rig = try await Rig.start()
        try await rig.stop(at: .keyRecorded)
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
        try await rig.stop(at: .keyRecorded, options: options)
        let session = try await rig.store.openSession(SessionOptions(isWritable: true), pin: .none)
        try await session.deleting?.deleteKey(at: rig.store.uri)
        #expect(try await rig.enroll(options: options).isKeyGenerated)
        try await rig.controller.shutdown()
    }

    @Test func anotherTokenDoesNotGetTheCertificateOfAnUnfinishedEnrollment() async throws {
        let rig = try await Rig.start()
        try await rig.stop(at: .certificateRecorded)
        let other = try rig.controller.makeEnrollment(name: "other")
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: other.jwt) }
        #expect(error.code == .unfinishedEnrollment)
        #expect(rig.posts == 1)
        #expect(try await rig.enroll().isResumed)
        try await rig.controller.shutdown()
    }

    @Test func aFileThatAppearsMeanwhileIsNotReplacedAndTheCertificateIsKept() async throws {
        let rig = try await Rig.start()
        try await rig.stop(at: .certificateRecorded)
        try Data("mine".utf8).write(to: URL(filePath: rig.output))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .outputExists)
        #expect(
            error.hint.contains("identity.json.enrolling") && !error.hint.contains("--out"),
            "another place would lose it")
        #expect(try String(contentsOf: URL(filePath: rig.output), encoding: .utf8) == "mine")
        try FileManager.default.removeItem(atPath: rig.output)
        #expect(try await rig.enroll().isResumed)
        try await rig.controller.shutdown()
    }

    @Test func theJournalHoldsNoSecretAndIsForItsOwnerOnly() async throws {
        let rig = try await Rig.start(script: .init(sdkReference: "dialect://x?pin=secret"))
        var options = rig.options
        options.isSDKCompatible = true
        try await rig.stop(at: .identityWritten, options: options)
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
