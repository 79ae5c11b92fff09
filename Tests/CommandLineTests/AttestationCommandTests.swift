import ChildProcess
import Crypto
import DeviceMaker
import DevelopmentController
import Foundation
import KeyStoreAttestation
import KeyStoreCore
import Testing
import X509

/// `attest`, `verify-attestation` and the demands of `enroll`, as far as they go without a device.
struct AttestationCommandTests {
    /// Surroundings with the bundle `b.json`, its root in `root.pem`, another root in `other.pem`, and the key's public part
    /// in `key.pem`.
    private func prepare(_ attested: AttestedKey) throws -> CommandLine {
        let line = try CommandLine()
        let bundle = try AttestationBundle(
            certificates: attested.certificates, uri: KeyStoreURI("token:serial=112233;slot=9a"))
        line.write("b.json", try bundle.json())
        line.write("root.pem", try attested.root.pem)
        line.write("other.pem", try DeviceAuthority.root("Other").pem)
        line.write("key.pem", attested.key.publicKey.pemRepresentation)
        return line
    }

    private let verify = ["verify-attestation", "b.json", "--root", "root.pem"]

    @Test func whatWasProvenIsPrinted() async throws {
        let line = try prepare(AttestedKey())
        let everything = [
            "--certificate", "key.pem", "--pin-policy", "once", "--serial", "112233", "--min-firmware", "5.4",
            "--root", "other.pem",
        ]
        let text = try await line.output(verify + everything)
        for words in [
            "EC P-256", "serial 112233, firmware 5.4.3, USB-A keychain, slot 9a", "PIN policy\tonce",
            "touch policy\tnever", "same key as\tkey.pem", "CN=Throw-Away Attestation Root", "valid until\t20",
        ] { #expect(text.contains(words), "\(words) in \(text)") }
        let items = try await line.items("verify-attestation", verify + everything)
        #expect(items.count == 1)
        #expect(
            Set(items[0].keys) == [
                "uri", "slot", "serial", "firmware", "formFactor", "pinPolicy", "touchPolicy", "publicKeySHA256",
                "type", "kty", "crv", "size", "isKeyCompared", "chain", "rootSHA256", "validUntil",
            ])
        #expect(items[0]["serial"] as? Int == 112_233)
        #expect(items[0]["firmware"] as? String == "5.4.3")
        #expect(items[0]["isKeyCompared"] as? Bool == true)
        #expect((items[0]["chain"] as? [String])?.count == 3)
    }

    @Test func thatNoKeyWasComparedIsSaid() async throws {
        let line = try prepare(AttestedKey())
        let outcome = try await line.run(verify)
        #expect(outcome.status == 0)
        #expect(outcome.errorText.contains("no certificate was compared"))
        #expect(try await line.items("verify-attestation", verify)[0]["isKeyCompared"] as? Bool == false)
    }

    @Test func aBundleMayComeFromTheStandardInput() async throws {
        let line = try prepare(AttestedKey())
        let text = String(decoding: try line.read("b.json"), as: UTF8.self)
        let outcome = try await line.run(["verify-attestation", "-", "--root", "root.pem"], input: text)
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func eachRefusalHasItsCodeAndStatus() async throws {
        let attested = try AttestedKey()
        let line = try prepare(attested)
        line.write("stranger.pem", P256.Signing.PrivateKey().publicKey.pemRepresentation)
        line.write("cut.json", Array(try line.read("b.json").dropLast(300)))
        line.write("long.json", Array(repeating: 0x20, count: 200_000))
        let changed = String(decoding: try line.read("b.json"), as: UTF8.self)
            .replacingOccurrences(of: "\"slot\":\"9a\"", with: "\"slot\":\"9c\"")
        line.write("changed.json", changed)
        let expired = try prepare(AttestedKey(DeviceStatement { $0.dates = .past }))
        let cases: [(CommandLine, [String], Int32, String)] = [
            (line, ["verify-attestation", "b.json", "--root", "other.pem"], 65, "attestationRootNotTrusted"),
            (line, ["verify-attestation", "b.json", "--root", "message"], 65, "attestationRootsInvalid"),
            (line, ["verify-attestation", "b.json", "--root", "none.pem"], 65, "readFailed"),
            (line, ["verify-attestation", "none.json", "--root", "root.pem"], 65, "readFailed"),
            (line, ["verify-attestation", "message", "--root", "root.pem"], 65, "attestationMalformed"),
            (line, ["verify-attestation", "cut.json", "--root", "root.pem"], 65, "attestationMalformed"),
            (line, ["verify-attestation", "long.json", "--root", "root.pem"], 65, "invalidData"),
            (line, ["verify-attestation", "changed.json", "--root", "root.pem"], 65, "attestationFieldContradicted"),
            (expired, verify, 65, "attestationExpired"),
            (line, verify + ["--certificate", "stranger.pem"], 66, "attestationOtherKey"),
            (line, verify + ["--serial", "7"], 66, "attestationOtherDevice"),
            (line, verify + ["--pin-policy", "always"], 77, "attestationPINPolicyTooWeak"),
            (line, verify + ["--touch-policy", "cached"], 77, "attestationTouchPolicyTooWeak"),
            (line, verify + ["--min-firmware", "5.7.0"], 77, "attestationFirmwareTooOld"),
            (line, verify + ["--certificate", "message"], 65, "invalidData"),
            (line, verify + ["--identity", "message"], 65, "identityInvalid"),
        ]
        for (line, arguments, status, code) in cases {
            let outcome = try await line.run(arguments + ["--json"])
            #expect(outcome.status == status, "\(arguments): \(outcome)")
            #expect(outcome.jsonCode == code, "\(arguments)")
            #expect(outcome.outputText.isEmpty)
            #expect((outcome.jsonError?["message"] as? String)?.isEmpty == false)
        }
    }

    @Test func whatStandsInABundleMovesNoTerminal() async throws {
        let line = try prepare(
            AttestedKey(root: DeviceAuthority.root("Red \u{1B}[31m"), device: nil))
        let outcome = try await line.run(verify)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(!outcome.outputText.contains("\u{1B}"))
    }

    @Test func theKeyIsTheOneInTheCertificateOfTheIdentity() async throws {
        let line = try CommandLine()
        let controller = try await Controller.start()
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt, mode: 0o600)
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        try await line.output(["enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem")])
        // A device that attests to this very key. A real one would only attest to a key of its own.
        let key = try P256.Signing.PrivateKey(
            pemRepresentation: String(decoding: try line.read("key.pem"), as: UTF8.self))
        for (key, status) in [(key, Int32(0)), (P256.Signing.PrivateKey(), 66)] {
            let attested = try AttestedKey(key: key)
            line.write("root.pem", try attested.root.pem)
            line.write(
                "b.json",
                try AttestationBundle(certificates: attested.certificates, uri: KeyStoreURI("token:a")).json())
            let outcome = try await line.run(verify + ["--identity", "ziggy.json"])
            #expect(outcome.status == status, "\(outcome)")
        }
        try await controller.shutdown()
    }

    @Test(arguments: [TestedStore.plainFile, .token])
    func aBackendThatCannotAttestSaysSo(_ store: TestedStore) async throws {
        let (line, key, make, use) = try await store.prepare()
        try await line.output(["generate", key] + make)
        let outcome = try await line.run(["attest", key, "-o", "b.json", "--json"] + use)
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.jsonCode == "unsupportedOperation")
        let name = store == .token ? "pkcs11" : "file"
        #expect((outcome.jsonError?["message"] as? String)?.contains("'\(name)' does not attest") == true)
        #expect(!line.exists("b.json"))
    }

    // MARK: With a plugin that attests

    @Test func whatADeviceAttestsIsWrittenAndVerified() async throws {
        let (line, plugin) = try await CommandLine.withDevice()
        #expect(try await line.output(["attest", line.file("key.pem"), "-o", "b.json"] + plugin).isEmpty)
        line.write("key.pub", try await line.output(["public", line.file("key.pem")]) + "\n")
        let verified = try await line.items("verify-attestation", verify + ["--certificate", "key.pub"])
        #expect(verified[0]["uri"] as? String == line.file("key.pem"))
        // To standard output it is the same file, but for the time.
        line.write("b.json", try await line.output(["attest", line.file("key.pem")] + plugin))
        try await line.output(verify)

        let items = try await line.items("attest", ["attest", line.file("key.pem"), "-o", "c.json"] + plugin)
        #expect(
            Set(items[0].keys) == [
                "uri", "slot", "serial", "firmware", "formFactor", "pinPolicy", "touchPolicy", "publicKeySHA256", "out",
                "bundle",
            ])
        #expect(items[0]["out"] as? String == "c.json")
        #expect(items[0]["bundle"] is NSNull)
        let inline = try await line.items("attest", ["attest", line.file("key.pem")] + plugin)
        line.write("b.json", try #require(inline[0]["bundle"] as? String))
        try await line.output(verify)
        let there = try await line.run(["attest", line.file("key.pem"), "-o", "c.json"] + plugin)
        #expect(there.status == 68)
    }

    @Test func anImportedKeyIsNotAttestedTo() async throws {
        let (line, plugin) = try await CommandLine.withDevice(nil)
        let outcome = try await line.run(["attest", line.file("key.pem"), "-o", "b.json", "--json"] + plugin)
        #expect(outcome.status == 77, "\(outcome)")
        #expect(outcome.jsonCode == "policyRefused")
        #expect(!line.exists("b.json"))
    }

    @Test func anEnrollmentGoesThroughWithTheAttestationItDemands() async throws {
        let (line, plugin) = try await CommandLine.withDevice()
        let controller = try await Controller.start()
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt, mode: 0o600)
        let enroll = ["enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--json"] + plugin
        let demand = ["--require-attestation", "--root"]
        let refusals: [([String], Int32, String)] = [
            (demand + ["other.pem"], 65, "attestationRootNotTrusted"),
            (demand + ["root.pem", "--pin-policy", "always"], 77, "attestationPINPolicyTooWeak"),
            (demand + ["root.pem", "--touch-policy", "cached"], 77, "attestationTouchPolicyTooWeak"),
            (demand + ["root.pem", "--serial", "7"], 66, "attestationOtherDevice"),
            (demand + ["root.pem", "--min-firmware", "5.7"], 77, "attestationFirmwareTooOld"),
        ]
        for (arguments, status, code) in refusals {
            let outcome = try await line.run(enroll + arguments)
            #expect(outcome.status == status, "\(outcome)")
            #expect(outcome.jsonCode == code)
            #expect((outcome.jsonError?["operation"] as? String)?.isEmpty == false)
        }
        #expect(!controller.requests.contains { $0.path.hasSuffix("/enroll") })
        let enrolled = try await line.run(enroll + demand + ["root.pem", "--pin-policy", "once", "--serial", "112233"])
        #expect(enrolled.status == 0, "\(enrolled)")
        #expect(enrolled.outputText.contains("\"attestation\":\"ziggy.json.attestation.json\""))
        let proof = ["verify-attestation", "ziggy.json.attestation.json", "--root", "root.pem"]
        try await line.output(proof + ["--identity", "ziggy.json"])
        try await controller.shutdown()
    }

    @Test func aKeyWithAPolicyIsNotMadeWithoutIt() async throws {
        let line = try CommandLine()
        let controller = try await Controller.start()
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt, mode: 0o600)
        let outcome = try await line.run([
            "enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--generate", "--no-passphrase", "--touch-policy",
            "always", "--json",
        ])
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.jsonCode == "unsupportedOperation")
        #expect(!line.exists("key.pem"))
        try await controller.shutdown()
    }

    @Test func anEnrollmentThatDemandsAnAttestationSpendsNothingWithoutOne() async throws {
        let line = try CommandLine()
        let controller = try await Controller.start()
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt, mode: 0o600)
        line.write("root.pem", try DeviceAuthority.root().pem)
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let enroll = ["enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--json"]
        for demand in [["--attest"], ["--require-attestation", "--root", "root.pem", "--pin-policy", "once"]] {
            let outcome = try await line.run(enroll + demand)
            #expect(outcome.status == 69, "\(outcome)")
            #expect(outcome.jsonCode == "unsupportedOperation")
            #expect(!line.exists("ziggy.json") && !line.exists("ziggy.json.attestation.json"))
        }
        let noRoots = try await line.run(enroll + ["--require-attestation", "--root", "message"])
        #expect(noRoots.status == 65)
        #expect(noRoots.jsonCode == "attestationRootsInvalid")
        #expect(!controller.requests.contains { $0.path.hasSuffix("/enroll") })
        #expect(try await line.run(enroll).status == 0)
        try await controller.shutdown()
    }
}
