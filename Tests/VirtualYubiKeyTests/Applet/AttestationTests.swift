import Foundation
import OpenSSL
import TemporaryFiles
import Testing

@testable import VirtualYubiKey

struct AttestationTests {
    private func attest(_ client: TestClient, _ slot: Slot) -> TestClient.Answer { client.send(0xF9, slot.number, 0) }

    @Test(arguments: [KeyAlgorithm.rsa2048, .p256, .p384, .ed25519, .x25519])
    func anAttestationIsVerifiedByOpenSSL(_ algorithm: KeyAlgorithm) throws {
        let key = try YubiKey(firmware: .v5_7_1)
        let client = TestClient(key)
        let publicKey = try key.generate(algorithm, in: .authentication, pinPolicy: .always, touchPolicy: .cached)
        let folder = TemporaryFolder()
        try folder.write("attestation", attest(client, .authentication).data)
        try folder.write("intermediate", try #require(key.certificate(in: .attestation)))
        try folder.write("root", try key.attestationRootPEM())
        let text = String(
            decoding: try OpenSSLCommand.run([
                "verify", "-CAfile", folder.path("root"), "-untrusted", folder.path("intermediate"),
                folder.path("attestation"),
            ]), as: UTF8.self)
        #expect(text.hasSuffix(": OK\n"))
        let extracted = try OpenSSLCommand.run([
            "x509", "-inform", "DER", "-in", folder.path("attestation"), "-noout", "-pubkey",
        ])
        #expect(try OpenSSLCommand.run(["pkey", "-pubin", "-outform", "DER"], input: extracted) == publicKey)
        let shown = String(
            decoding: try OpenSSLCommand.run([
                "x509", "-inform", "DER", "-in", folder.path("attestation"), "-noout", "-text", "-certopt",
                "ext_dump",
            ]), as: UTF8.self)
        #expect(shown.contains("CN = YubiKey PIV Attestation 9a"))
        let parsed = try OpenSSLCommand.run(["asn1parse", "-inform", "DER", "-in", folder.path("attestation")])
        let lines = String(decoding: parsed, as: UTF8.self)
        for (oid, hexadecimal) in [
            ("1.3.6.1.4.1.41482.3.3", "050701"), ("1.3.6.1.4.1.41482.3.7", "020301B669"),
            ("1.3.6.1.4.1.41482.3.8", "0303"), ("1.3.6.1.4.1.41482.3.9", "01"),
        ] {
            let following = lines.split(separator: "\n").drop { !$0.hasSuffix(":\(oid)") }.dropFirst().first
            #expect(following?.hasSuffix("[HEX DUMP]:\(hexadecimal)") == true, "\(oid): \(following ?? "absent")")
        }
    }

    @Test func importedKeysEmptySlotsAndTheAttestationKeyAreNotAttested() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        let source = try SoftwareKey.generate(.p256)
        try key.importKey(pkcs8: source.pkcs8, in: .authentication)
        #expect(attest(client, .authentication).statusWord == .wrongData)
        #expect(attest(client, .signature).statusWord == .referenceNotFound)
        #expect(attest(client, .attestation).statusWord == .wrongData)
        #expect(client.send(0xF9, 0x96, 0).statusWord == .wrongParameters)
    }

    @Test func theChainSurvivesARestartWithAnotherRoot() throws {
        let folder = TemporaryFolder()
        let first = try YubiKey(stateFile: folder.path("state"))
        let root = try first.attestationRootDER()
        let second = try YubiKey(stateFile: folder.path("state"), root: AttestationRoot())
        #expect(try second.attestationRootDER() == root)
        #expect(second.certificate(in: .attestation) == first.certificate(in: .attestation))
        #expect(try first.attestationRootPEM().hasPrefix("-----BEGIN CERTIFICATE-----\n"))
    }

    @Test func anotherKeyCanBePutIntoTheAttestationSlot() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        try client.authenticateManagement()
        #expect(client.generate(.p256, .attestation).statusWord == .success)
        let mine = try key.putCertificate(in: .attestation, commonName: "mine", isAuthority: true)
        try key.generate(.p256, in: .authentication)
        let folder = TemporaryFolder()
        try folder.write("attestation", attest(client, .authentication).data)
        try folder.write("mine", mine)
        #expect(
            throws: Never.self,
            performing: {
                try OpenSSLCommand.run([
                    "verify", "-partial_chain", "-trusted", folder.path("mine"), folder.path("attestation"),
                ])
            })
    }
}
