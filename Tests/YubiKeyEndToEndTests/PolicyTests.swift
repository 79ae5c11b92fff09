import ChildProcess
import DevelopmentController
import Foundation
import Testing
import VirtualYubiKey

/// Keys that ask a person for something each time.
@Suite(.serialized)
struct PolicyTests {
    private let arguments = ["enroll", "-j", "gateway.jwt", "--key", "piv:slot=9c"] + KeyPlace.secrets

    @Test(arguments: [KeyAlgorithm.p256, .rsa2048])
    func aKeyThatAsksForThePINEachTimeIsEnrolledAndLogsIn(_ algorithm: KeyAlgorithm) async throws {
        let place = try await KeyPlace { try $0.generate(algorithm, in: .signature, pinPolicy: .always) }
        let enrollment = try place.makeJWT("gateway")
        try await place.run(arguments)
        try await place.authenticate("gateway.json", as: enrollment, with: .signature)
        try await place.expectCertificate(of: "gateway.json", in: .signature)
        place.expectNoTryLost()
    }

    @Test func aTouchIsAnnouncedBeforeItIsAwaited() async throws {
        let place = try await KeyPlace { try $0.generate(.p256, in: .signature, touchPolicy: .always) }
        let enrollment = try place.makeJWT("gateway")
        place.key.touch = .byHand(timeoutSeconds: 50)
        let running = try place.tool(arguments).start(endsInput: true)
        // Nobody touches it before this stands there.
        try running.waitForErrorOutput("touch the device")
        #expect(place.key.waitUntilTouchIsAwaited())
        #expect(place.redemptions == 0)
        place.key.touch = .granted
        let outcome = try running.waitForEnd()
        try #require(outcome.status == 0, "\(outcome)")
        let announcements = outcome.errorText.components(separatedBy: "touch the device").count - 1
        #expect(announcements == place.key.touchCount, "\(outcome)")
        try await place.authenticate("gateway.json", as: enrollment, with: .signature)
        place.expectNoTryLost()
    }

    @Test(arguments: [TouchBehaviour.denied, .never(timeoutSeconds: 0.3)])
    func aTouchThatDoesNotComeSpendsNothingAndTheCommandGoesOn(_ touch: TouchBehaviour) async throws {
        let place = try await KeyPlace { try $0.generate(.p256, in: .signature, touchPolicy: .always) }
        let enrollment = try place.makeJWT("gateway")
        place.key.touch = touch
        let outcome = try await place.run(arguments + ["--json"], status: 124)
        #expect(outcome.errorText.contains("\"code\":\"touchTimeout\""), "\(outcome)")
        #expect(place.redemptions == 0)
        #expect(!place.folder.exists("gateway.json"))
        place.key.touch = .granted
        try await place.run(arguments)
        try await place.authenticate("gateway.json", as: enrollment, with: .signature)
        place.expectNoTryLost()
    }

    @Test(arguments: [Slot.authentication, .signature])
    func aWrongPINCostsOneTryAndSpendsNothing(_ slot: Slot) async throws {
        let place = try await KeyPlace { try $0.generate(.p256, in: slot) }
        try place.makeJWT("gateway")
        try place.folder.write("pin", "11111111")
        let arguments = ["enroll", "-j", "gateway.jwt", "--key", "piv:slot=\(slot)"] + KeyPlace.secrets
        let outcome = try await place.run(arguments + ["--json"], status: 77)
        #expect(outcome.errorText.contains("\"code\":\"pinIncorrect\""), "\(outcome)")
        #expect(place.rejectedPINs == 1)
        #expect(place.key.pinTriesLeft == 2)
        #expect(place.redemptions == 0)
        try place.folder.write("pin", KeyPlace.pin)
        try await place.run(arguments)
        #expect(place.rejectedPINs == 1)
    }
}
