import ChildProcess
import Foundation
import Testing
import VirtualYubiKey

/// The key pulled out while an enrollment goes on; then the same command once more.
@Suite(.serialized)
struct InterruptionTests {
    private func arguments(_ name: String, _ slot: Slot) -> [String] {
        ["enroll", "-j", "\(name).jwt", "--key", "piv:serial=112233;slot=\(slot)"] + KeyPlace.secrets
    }

    /// A key that asks for the PIN each time takes more commands than others.
    @Test func theSameCommandGoesOnWhereverTheKeyWasPulledOut() async throws {
        let slot = Slot.signature
        let place = try await KeyPlace { try $0.generate(.p256, in: slot) }
        try place.makeJWT("whole")
        place.key.clearLog()
        try await place.run(arguments("whole", slot))
        let count = place.key.log.count
        try #require(count > 10)
        var interruptions = 0
        for number in 1...count {
            let name = "pulled-\(number)"
            let enrollment = try place.makeJWT(name)
            let before = place.redemptions
            place.key.fail(atAPDU: number, with: .unplug)
            let outcome = try await place.run(arguments(name, slot), status: nil)
            place.key.clearFaults()
            try place.plug()
            if outcome.status != 0 {
                interruptions += 1
                try await place.run(arguments(name, slot))
            }
            #expect(place.redemptions == before + 1, "pulled out at \(number) of \(count)")
            try await place.authenticate("\(name).json", as: enrollment, with: slot)
        }
        #expect(interruptions > 0)
        place.expectNoTryLost()
    }

    @Test(arguments: [Fault.unplug, .unplugAfterwards])
    func aKeyThatWasBeingMadeIsMadeOnce(_ fault: Fault) async throws {
        let place = try await KeyPlace()
        let enrollment = try place.makeJWT("gateway")
        let arguments = arguments("gateway", .authentication) + ["--generate"]
        place.key.fail(atAPDU: 1, instruction: 0x47, with: fault)
        let outcome = try await place.run(arguments, status: nil)
        #expect(outcome.status != 0 && place.redemptions == 0, "\(outcome)")
        let made = try place.key.publicKeyDER(in: .authentication)
        try place.plug()
        try await place.run(arguments)
        if let made { #expect(try place.key.publicKeyDER(in: .authentication) == made, "made anew") }
        try await place.authenticate("gateway.json", as: enrollment, with: .authentication)
        place.expectNoTryLost()
    }
}
