import ChildProcess
import DevelopmentController
import Testing
import VirtualYubiKey

/// Connections that are no controller's business, with a key in the YubiKey: the example program.
@Suite(.serialized)
struct ConnectionTests {
    private func get(_ place: KeyPlace, _ identity: String) async throws -> ProgramOutcome {
        var program = Program.built("ziti-example", [identity, "\(place.controller.url)/version", "pin"])
        program.workingDirectory = place.folder.path
        return try await program.run()
    }

    @Test(arguments: [TLSVersions.tls12, .tls13], EnrollmentTests.types)
    func aKeyInTheYubiKeyOpensAConnection(_ version: TLSVersions, _ type: [String]) async throws {
        let place = try await KeyPlace(tls: version)
        try place.makeJWT("gateway")
        try await place.run(
            ["enroll", "-j", "gateway.jwt", "--generate", "--key", "piv:serial=112233;slot=9a"] + type
                + KeyPlace.secrets)
        let outcome = try await get(place, "gateway.json")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.outputText.hasPrefix("HTTP 200\n"))
        place.expectNoSecret(in: outcome.outputText + outcome.errorText)
        place.expectNoTryLost()
        place.key.unplug()
        let gone = try await get(place, "gateway.json")
        #expect(gone.status == 1)
        #expect(gone.errorText.contains("readers are empty"), "\(gone)")
    }
}
