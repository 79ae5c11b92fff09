import ChildProcess
import DevelopmentController
import Foundation
import Testing
import VirtualYubiKey

/// Renewing an identity whose key is in the YubiKey, and moving to another slot or out of the device.
@Suite(.serialized)
struct IdentityLifeTests {
    private func enrolled(_ firmware: FirmwareVersion = .v5_4_3) async throws -> (KeyPlace, Enrollment) {
        let place = try await KeyPlace(firmware)
        let enrollment = try place.makeJWT("gateway")
        try await place.run(
            ["enroll", "-j", "gateway.jwt", "--generate", "--key", "piv:serial=112233;slot=9a"] + KeyPlace.secrets)
        return (place, enrollment)
    }

    @Test func aRenewedCertificateStandsInTheSlotToo() async throws {
        let (place, enrollment) = try await enrolled()
        let before = try place.identity("gateway.json", "cert")
        try await place.run(["identity", "renew", "gateway.json"] + KeyPlace.secrets)
        #expect(try place.identity("gateway.json", "cert") != before)
        try await place.expectCertificate(of: "gateway.json", in: .authentication)
        try await place.authenticate("gateway.json", as: enrollment, with: .authentication)
        try await place.run(["identity", "check", "gateway.json", "--pin-source", "pin"])
        place.expectNoTryLost()
    }

    @Test func aKeyRollsIntoAnotherSlotAndTheOldOneIsDestroyed() async throws {
        let (place, enrollment) = try await enrolled(.v5_7_1)
        try await place.run(
            [
                "identity", "roll", "gateway.json", "--to", "piv:serial=112233;slot=9c", "--generate", "--pin-policy",
                "once", "--to-pin-source", "pin", "--delete-old",
            ] + KeyPlace.secrets)
        #expect(try place.identity("gateway.json", "key") == "piv:serial=112233;slot=9c")
        try await place.authenticate("gateway.json", as: enrollment, with: .signature)
        try await place.expectCertificate(of: "gateway.json", in: .signature)
        let listed = try await place.run(["list", "piv:serial=112233", "--only-uris"])
        #expect(!listed.outputText.contains("slot=9a"), "\(listed)")
        place.expectNoTryLost()
    }

    @Test func aDeviceThatDeletesNoKeysKeepsTheOldOneAndSaysSo() async throws {
        let (place, enrollment) = try await enrolled()
        let roll =
            [
                "identity", "roll", "gateway.json", "--to", "piv:serial=112233;slot=9c", "--generate",
                "--to-pin-source", "pin",
            ] + KeyPlace.secrets
        let refused = try await place.run(roll + ["--delete-old"], status: 69)
        #expect(refused.errorText.contains("without --delete-old"), "\(refused)")
        try await place.authenticate("gateway.json", as: enrollment, with: .signature)
        let finished = try await place.run(roll)
        #expect(finished.outputText.contains("old key, kept\tpiv:serial=112233;slot=9a"), "\(finished)")
        #expect(try place.folder.names().allSatisfy { !$0.hasSuffix(".renewing") && !$0.hasSuffix(".next") })
    }

    @Test func aKeyRollsFromTheYubiKeyIntoSoftHSM() async throws {
        let (place, enrollment) = try await enrolled()
        try place.folder.makeFolder("tokens")
        try place.folder.write(
            "softhsm2.conf", "directories.tokendir = \(place.folder.path("tokens"))\nobjectstore.backend = file\n")
        try place.folder.write("hsm-pin", "86420975")
        func run(_ program: Program) async throws -> ProgramOutcome {
            var program = program
            program.environment["SOFTHSM2_CONF"] = place.folder.path("softhsm2.conf")
            let outcome = try await program.run()
            try #require(outcome.status == 0, "\(program.arguments): \(outcome)")
            place.expectNoSecret(in: outcome.outputText + outcome.errorText)
            return outcome
        }
        _ = try await run(
            Program.system(
                "softhsm2-util",
                ["--init-token", "--free", "--label", "edge", "--pin", "86420975", "--so-pin", "97531086"]))
        let rolled = try await run(
            place.tool(
                [
                    "identity", "roll", "gateway.json", "--to",
                    "pkcs11:token=edge;object=gateway?module-path=/usr/lib/softhsm/libsofthsm2.so", "--generate",
                    "--to-pin-source", "hsm-pin",
                ] + KeyPlace.secrets))
        #expect(rolled.outputText.contains("old key, kept\tpiv:serial=112233;slot=9a"), "\(rolled)")
        #expect(try place.identity("gateway.json", "key").hasPrefix("pkcs11:token=edge"))
        let before = place.controller.apiSessions.count
        _ = try await run(place.tool(["authenticate", "gateway.json", "--pin-source", "hsm-pin"]))
        #expect(place.controller.apiSessions.count == before + 1)
        #expect(place.controller.apiSessions.last?.identityID == enrollment.identityID)
        #expect(try place.key.publicKeyDER(in: .authentication) != nil, "the old key is kept")
        place.expectNoTryLost()
    }
}
