import OpenSSL
import Testing

@testable import VirtualYubiKey

/// yubico-piv-tool 2.2.0, which uses libykpiv.
@Suite(.serialized)
struct YubicoPIVToolTests {
    @Test func itShowsTheKeyAndItsCertificates() throws {
        let plugged = try PluggedKey { key in
            try key.generate(.p256, in: .authentication)
            try key.putCertificate(in: .authentication, commonName: "somebody")
        }
        let text = try plugged.pivTool("-a", "status").succeeded().outputText
        #expect(text.contains("Version:\t5.4.3\nSerial Number:\t112233\n"))
        #expect(text.contains("Algorithm:\tECCP256\n\tSubject DN:\tCN=somebody\n"))
        #expect(text.contains("PIN tries left:\t3\n"))
    }

    @Test(arguments: [("ECCP256", KeyAlgorithm.p256), ("ECCP384", .p384), ("RSA1024", .rsa1024), ("RSA2048", .rsa2048)])
    func whatItGeneratesSigns(_ name: String, _ algorithm: KeyAlgorithm) throws {
        let plugged = try PluggedKey()
        try plugged.folder.write("message", "to be signed")
        try plugged.pivTool("-a", "generate", "-s", "9c", "-A", name, "-o", "public").succeeded()
        #expect(try plugged.publicKey(inFile: "public") == plugged.key.publicKeyDER(in: .signature))
        try plugged.pivTool(
            "-a", "verify-pin", "-P", "123456", "--sign", "-s", "9c", "-A", name, "-H", "SHA256", "-i", "message",
            "-o", "signature"
        ).succeeded()
        #expect(try plugged.verifies("signature", of: "message", by: .signature))
    }

    @Test(arguments: [("EC", "ec_paramgen_curve:P-384", "ECCP384"), ("RSA", "rsa_keygen_bits:2048", "RSA2048")])
    func whatItImportsIsThatKey(_ kind: String, _ option: String, _ name: String) throws {
        let plugged = try PluggedKey()
        let file = plugged.folder.path("key")
        try OpenSSLCommand.run(["genpkey", "-algorithm", kind, "-pkeyopt", option, "-out", file])
        try plugged.pivTool("-a", "import-key", "-s", "95", "-A", name, "--touch-policy", "cached", "-i", file)
            .succeeded()
        #expect(
            try plugged.key.publicKeyDER(in: 0x95) == OpenSSLCommand.publicKey(ofPEM: plugged.folder.read("key")))
        #expect(plugged.key.withApplet { $0.state.keys[0x95]?.touchPolicy } == .cached)
        #expect(plugged.key.withApplet { $0.state.keys[0x95]?.isImported } == true)
    }

    @Test func itImportsReadsAndDeletesACertificate() throws {
        let plugged = try PluggedKey()
        try plugged.key.generate(.p256, in: .keyManagement)
        let certificate = try plugged.key.putCertificate(in: .keyManagement, commonName: "somebody")
        plugged.key.setObject(Slot.keyManagement.certificateObject, nil)
        try plugged.folder.write("certificate", certificate)
        try plugged.pivTool("-a", "import-certificate", "-s", "9d", "-K", "DER", "-i", "certificate").succeeded()
        #expect(plugged.key.certificate(in: .keyManagement) == certificate)
        try plugged.pivTool("-a", "read-certificate", "-s", "9d", "-K", "DER", "-o", "read").succeeded()
        #expect(try plugged.folder.read("read") == certificate)
        try plugged.pivTool("-a", "delete-certificate", "-s", "9d").succeeded()
        #expect(plugged.key.certificate(in: .keyManagement) == nil)
    }

    @Test func itVerifiesAndChangesPINAndPUK() throws {
        let plugged = try PluggedKey()
        #expect(try plugged.pivTool("-a", "verify-pin", "-P", "000000").errorText.contains("2 tries left"))
        #expect(plugged.key.pinTriesLeft == 2)
        try plugged.pivTool("-a", "change-pin", "-P", "123456", "-N", "654321").succeeded()
        try plugged.pivTool("-a", "verify-pin", "-P", "654321").succeeded()
        try plugged.pivTool("-a", "change-puk", "-P", "12345678", "-N", "87654321").succeeded()
        for _ in 1...3 { #expect(try plugged.pivTool("-a", "verify-pin", "-P", "000000").status != 0) }
        #expect(try plugged.pivTool("-a", "verify-pin", "-P", "654321").errorText.contains("blocked"))
        try plugged.pivTool("-a", "unblock-pin", "-P", "87654321", "-N", "123456").succeeded()
        try plugged.pivTool("-a", "verify-pin", "-P", "123456").succeeded()
    }

    @Test func itSetsRetriesAndManagementKeyAndResets() throws {
        let plugged = try PluggedKey()
        try plugged.pivTool(
            "-a", "verify-pin", "-P", "123456", "-a", "pin-retries", "--pin-retries", "1", "--puk-retries", "2"
        ).succeeded()
        #expect((plugged.key.pinTriesLeft, plugged.key.pukTriesLeft) == (1, 2))
        let other = String(repeating: "a1b2c3d4e5f60718", count: 3)
        try plugged.pivTool("-a", "set-mgm-key", "-n", other).succeeded()
        #expect(try plugged.pivTool("-a", "set-chuid").status != 0)
        try plugged.pivTool("-a", "set-chuid", "-a", "set-ccc", "-k\(other)").succeeded()
        #expect(plugged.key.object(0x5FC102) != nil)
        #expect(plugged.key.object(0x5FC107) != nil)
        #expect(try plugged.pivTool("-a", "reset").status != 0)
        _ = try plugged.pivTool("-a", "verify-pin", "-P", "000000")
        for _ in 1...2 { _ = try plugged.pivTool("-a", "change-puk", "-P", "00000000", "-N", "12345678") }
        try plugged.pivTool("-a", "reset").succeeded()
        #expect(plugged.key.object(0x5FC102) == nil)
        #expect(plugged.key.pinTriesLeft == 3)
    }

    @Test func itReadsAnAttestationThatOpenSSLVerifies() throws {
        let plugged = try PluggedKey()
        try plugged.pivTool("-a", "generate", "-s", "9a", "-A", "ECCP256", "-o", "public").succeeded()
        try plugged.pivTool("-a", "attest", "-s", "9a", "-o", "attestation").succeeded()
        try plugged.pivTool("-a", "read-certificate", "-s", "f9", "-o", "intermediate").succeeded()
        try plugged.folder.write("root", try plugged.key.attestationRootPEM())
        #expect(throws: Never.self) {
            try OpenSSLCommand.run([
                "verify", "-CAfile", plugged.folder.path("root"), "-untrusted", plugged.folder.path("intermediate"),
                plugged.folder.path("attestation"),
            ])
        }
    }

    @Test func itDecryptsAndAgreesAsItsOwnTestSays() throws {
        let plugged = try PluggedKey { key in
            try key.generate(.rsa2048, in: .keyManagement)
            try key.generate(.p256, in: 0x82)
        }
        for slot in [Slot.keyManagement, 0x82] {
            try plugged.folder.write("certificate", try plugged.key.putCertificate(in: slot, commonName: "somebody"))
            try plugged.pivTool(
                "-a", "verify-pin", "-P", "123456", "-a", "test-decipher", "-s", "\(slot)", "-K", "DER", "-i",
                "certificate"
            ).succeeded()
        }
    }

    /// libykpiv 2.2.0 knows 3DES only, as against a real key of this firmware.
    @Test func withFirmware57ItSignsAndHasNoManagementKey() throws {
        let plugged = try PluggedKey(.v5_7_1) { try $0.generate(.p256, in: .authentication) }
        try plugged.folder.write("message", "to be signed")
        #expect(try plugged.pivTool("-a", "set-chuid").status != 0)
        try plugged.pivTool(
            "-a", "verify-pin", "-P", "123456", "--sign", "-s", "9a", "-A", "ECCP256", "-i", "message", "-o",
            "signature"
        ).succeeded()
        #expect(try plugged.verifies("signature", of: "message", by: .authentication))
    }
}
