import ChildProcess
import Foundation
import OpenSSL
import Testing
import VirtualYubiKey

/// The direct path beside the modules in C.
@Suite(.serialized)
struct CompareTests {
    private func prepare(_ algorithm: KeyAlgorithm = .p256) async throws -> KeyPlace {
        try await KeyPlace { key in
            key.putCHUID()
            try key.generate(algorithm, in: .signature)
            try key.putCertificate(in: .signature, commonName: "somebody")
        }
    }

    private let common = ["--pin-source", "pin", "--count", "2"]

    private func items(_ outcome: ProgramOutcome) throws -> [[String: Any]] {
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output)) as? [String: Any]
        return try #require(object?["compare"] as? [[String: Any]])
    }

    @Test(arguments: [KeyAlgorithm.p256, .rsa2048])
    func threePathsLeadToOneKeyAndTheDirectOneTellsItsCommands(_ algorithm: KeyAlgorithm) async throws {
        let place = try await prepare(algorithm)
        let outcome = try await place.run(
            ["compare", "piv:serial=112233;slot=9c"] + PKCS11Module.allCases.map { $0.reference(id: "%02") } + common
                + ["--json"])
        let items = try items(outcome)
        #expect(items.map { $0["backend"] as? String } == ["piv", "pkcs11", "pkcs11"])
        let publicKey = try #require(try place.key.publicKeyDER(in: .signature))
        let digest = try OpenSSLCommand.run(["dgst", "-sha256", "-r"], input: publicKey).prefix(64)
        for item in items { #expect(item["sha256"] as? String == String(decoding: digest, as: UTF8.self)) }
        let calls = try #require(items[0]["calls"] as? [String: Any])
        #expect(calls["unit"] as? String == "APDUs", "\(calls)")
        let isRSA = algorithm == .rsa2048
        // Opening talks to no card; logging in finds it and sends the PIN. An RSA key's metadata comes in two pieces.
        #expect(calls["open"] as? Int == 0 && calls["login"] as? Int == 5, "\(calls)")
        #expect(calls["find"] as? Int == (isRSA ? 2 : 1), "\(calls)")
        #expect(calls["sign"] as? Int == (isRSA ? 4 : 2), "\(calls)")
        #expect(items[1...].allSatisfy { ($0["calls"] as? [String: Any])?["unit"] as? String == "PKCS#11 calls" })
        #expect(items.allSatisfy { $0["wrongPIN"] is NSNull })
        place.expectNoTryLost()
    }

    @Test func oneReferenceIsOpenedByTwoBackends() async throws {
        let place = try await prepare()
        let arguments = [
            "compare", "pkcs11:serial=112233;id=%02", "--backends", "piv,pkcs11", "--module", PKCS11Module.ykcs11.path,
        ]
        let items = try items(try await place.run(arguments + common + ["--json"]))
        #expect(items.map { $0["backend"] as? String } == ["piv", "pkcs11"])
        #expect(items[0]["uri"] as? String == "piv:serial=112233;slot=9c")
        let text = try await place.run(arguments + common).outputText
        #expect(text.hasPrefix("One key, EC P-256, on 2 paths"), "\(text)")
        #expect(text.contains("APDUs ") && text.contains("PKCS#11 calls "), "\(text)")
        #expect(!text.contains("wrong PIN"), "\(text)")
        place.expectNoTryLost()
    }

    @Test func aWrongPINIsSentOnPurposeOnly() async throws {
        let place = try await prepare()
        let arguments = [
            "compare", "pkcs11:serial=112233;id=%02", "--backends", "piv,pkcs11", "--module", PKCS11Module.ykcs11.path,
            "--allow-pin-failure",
        ]
        let text = try await place.run(arguments + common).outputText
        #expect(text.contains("wrong PIN"), "\(text)")
        #expect(place.rejectedPINs == 2)
        #expect(place.key.pinTriesLeft == 3)
        let items = try items(try await place.run(arguments + common + ["--json"]))
        for item in items {
            #expect((item["wrongPIN"] as? [String: Any])?["code"] as? String == "pinIncorrect", "\(item)")
        }
    }
}
