import Testing
import VirtualYubiKey
import ZitiCompatibility

/// The YubiKey's cells of the table of methods, controllers, places for the key and judges.
@Suite(.serialized)
struct CompatibilityTests {
    @Test(arguments: CompatibilityCase.all(in: .yubiKey))
    func aKeyInAYubiKey(_ cell: CompatibilityCase) async throws {
        let place = try await KeyPlace(version: cell.version)
        let trial = CompatibilityTrial(
            controller: place.controller, folder: place.folder, key: "piv:serial=112233;slot=9a",
            secrets: (making: KeyPlace.secrets, writing: KeyPlace.secrets, using: ["--pin-source", "pin"]),
            storesCertificates: true
        ) { try await place.run($0, status: nil) }
        #expect(try await trial.outcome(of: cell.method) == cell.outcome)
        place.expectNoTryLost()
    }
}
