import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// What an interrupted renewal has left beside an identity file that another identity stands in now.
struct RenewalLeftoverTests {
    private func stop(
        _ rig: Rig, at milestone: RenewalMilestone, roll: KeyRoll? = nil, in other: ScriptedStore? = nil
    ) async throws {
        await #expect(throws: EnrollmentError(.cancelled, "")) {
            try await rig.renew(roll: roll, in: other, stop: milestone)
        }
    }

    /// Enrolls a new identity in place of the one that is there.
    private func enrollAnew(_ rig: Rig, key: ScriptedStore? = nil) async throws -> String {
        try FileManager.default.removeItem(atPath: rig.output)
        let enrollment = try rig.controller.makeEnrollment(name: "another")
        try await rig.enroll(jwt: enrollment.jwt, key: key.map { KeySource(store: $0, pin: .none) })
        return enrollment.identityID
    }

    @Test func theNewFileOfAnEarlierIdentityIsMovedAway() async throws {
        let rig = try await Rig.enrolled()
        try await stop(rig, at: .nextWritten)
        let left = try rig.folder.read("identity.json.next")
        let identity = try await enrollAnew(rig)
        let messages = RenewalMessages()
        let result = try await rig.renew(tells: messages)
        #expect(result.isRenewed && !result.isResumed)
        #expect(result.identityID == identity)
        #expect(try rig.identity().certificate().identityID == identity)
        #expect(messages.warnings.contains { $0.contains(identity) })
        #expect(try rig.folder.names() == ["identity.json", "identity.json.next.other"])
        #expect(try rig.folder.read("identity.json.next.other") == left)
        #expect(try await rig.logsIn())
        try await rig.controller.shutdown()
    }

    @Test func theNewFileOfAnotherControllerIsMovedAway() async throws {
        let rig = try await Rig.enrolled()
        try await stop(rig, at: .nextWritten)
        var next = try IdentityFile(path: rig.output + ".next")
        next.controller = try #require(ControllerAddress("https://elsewhere.example:1280"))
        next.controllerAPIs = []
        try rig.folder.write("identity.json.next", try next.json())
        #expect(try await rig.renew().isRenewed)
        #expect(try await rig.logsIn())
        #expect(try rig.folder.names() == ["identity.json", "identity.json.next.other"])
        try await rig.controller.shutdown()
    }

    @Test func theNewFileForAKeyThatTheIdentityDoesNotHaveIsMovedAway() async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI())
        let roll = KeyRoll(to: KeySource(store: other, pin: .none), generate: .ecP256)
        try await stop(rig, at: .nextWritten, roll: roll, in: other)
        try FileManager.default.removeItem(atPath: rig.output + ".renewing")
        #expect(try await rig.renew().isRenewed)
        #expect(try await rig.logsIn())
        #expect(try rig.folder.names() == ["identity.json", "identity.json.next.other"])
        try await rig.controller.shutdown()
    }

    @Test func theRollOfAnEarlierIdentityIsForgotten() async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI())
        let roll = KeyRoll(to: KeySource(store: other, pin: .none), generate: .ecP256)
        try await stop(rig, at: .keyRecorded, roll: roll, in: other)
        let third = try ScriptedStore(Rig.freshURI())
        try await third.makeKey(.ecP256)
        _ = try await enrollAnew(rig, key: third)
        let messages = RenewalMessages()
        let token = String(other.uri.text.prefix { $0 != ";" })
        #expect(try await rig.renew(in: third, tells: messages).isRenewed)
        #expect(messages.warnings.contains { $0.contains(token) && $0.contains("stays") })
        #expect(try await other.keyCount() == 1)
        #expect(try await rig.logsIn(third))
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }
}
