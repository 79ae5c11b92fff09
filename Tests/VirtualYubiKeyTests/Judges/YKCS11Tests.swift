import OpenSSL
import Testing

@testable import VirtualYubiKey

/// Yubico's PKCS#11 module, through OpenSC's pkcs11-tool.
@Suite(.serialized)
struct YKCS11Tests {
    @Test func itShowsTheTokenAndItsKeys() throws {
        let plugged = try PluggedKey {
            try $0.generate(.p256, in: .authentication)
            try $0.generate(.rsa2048, in: 0x87)
        }
        let token = try plugged.ykcs11("-L").succeeded().outputText
        #expect(token.contains("YubiKey PIV #112233"))
        let objects = try plugged.ykcs11("--login", "--pin", "123456", "-O").succeeded().outputText
        #expect(objects.contains("Private key for PIV Authentication"))
        #expect(objects.contains("Private key for Retired Key 6"))
        #expect(objects.contains("X.509 Certificate for PIV Attestation 9a"))
    }

    @Test func aWrongPINCostsOneTry() throws {
        let plugged = try PluggedKey()
        #expect(try plugged.ykcs11("--login", "--pin", "000000", "-O").errorText.contains("CKR_PIN_INCORRECT"))
        #expect(plugged.key.pinTriesLeft == 2)
    }

    @Test(arguments: [Slot.authentication, .signature])
    func itSignsWithP256(_ slot: Slot) throws {
        let plugged = try PluggedKey { try $0.generate(.p256, in: slot) }
        try plugged.folder.write("message", "to be signed")
        // A key that wants the PIN each time is asked for once more, by the tool.
        try plugged.ykcs11(
            "--login", "--pin", "123456", "--sign", "--id", slot == .signature ? "02" : "01", "-m", "ECDSA-SHA256",
            "--signature-format", "openssl", "-i", "message", "-o", "signature"
        ).succeeded()
        #expect(try plugged.verifies("signature", of: "message", by: slot))
    }

    @Test func itSignsWithRSA() throws {
        let plugged = try PluggedKey { try $0.generate(.rsa2048, in: .authentication) }
        try plugged.folder.write("message", "to be signed")
        for mechanism in ["SHA256-RSA-PKCS", "SHA256-RSA-PKCS-PSS"] {
            try plugged.ykcs11(
                "--login", "--pin", "123456", "--sign", "--id", "01", "-m", mechanism, "-i", "message", "-o",
                "signature"
            ).succeeded()
            #expect(
                try plugged.verifies(
                    "signature", of: "message", by: .authentication, isPSS: mechanism.hasSuffix("PSS")))
        }
    }

    @Test func itDecryptsWithRSA() throws {
        let plugged = try PluggedKey { try $0.generate(.rsa2048, in: .keyManagement) }
        let publicKey = try #require(try plugged.key.publicKeyDER(in: .keyManagement))
        try plugged.folder.write("public", publicKey)
        try plugged.folder.write("message", "a secret")
        try OpenSSLCommand.run([
            "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", plugged.folder.path("public"), "-in",
            plugged.folder.path("message"), "-out", plugged.folder.path("encrypted"),
        ])
        try plugged.ykcs11(
            "--login", "--pin", "123456", "--decrypt", "--id", "03", "-m", "RSA-PKCS", "-i", "encrypted", "-o", "plain"
        ).succeeded()
        #expect(try plugged.folder.read("plain") == plugged.folder.read("message"))
    }

    @Test func itAgreesWithOpenSSL() throws {
        let plugged = try PluggedKey { try $0.generate(.p256, in: .keyManagement) }
        let folder = plugged.folder
        try OpenSSLCommand.run([
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", folder.path("other"),
        ])
        try folder.write("other-public", try OpenSSLCommand.publicKey(ofPEM: folder.read("other")))
        try folder.write("ours", #require(try plugged.key.publicKeyDER(in: .keyManagement)))
        try plugged.ykcs11(
            "--login", "--pin", "123456", "--derive", "--id", "03", "-m", "ECDH1-DERIVE", "-i", "other-public", "-o",
            "secret"
        ).succeeded()
        let expected = try OpenSSLCommand.run([
            "pkeyutl", "-derive", "-inkey", folder.path("other"), "-peerkey", folder.path("ours"), "-peerform", "DER",
        ])
        #expect(try folder.read("secret") == expected)
    }

    @Test func itGeneratesWithTheManagementKeyAsSOPIN() throws {
        let plugged = try PluggedKey()
        try plugged.ykcs11(
            "--login", "--login-type", "so", "--so-pin", PluggedKey.factoryManagementKey, "-k", "--key-type",
            "EC:secp384r1", "--id", "04"
        ).succeeded()
        #expect(try plugged.key.publicKeyDER(in: .cardAuthentication) != nil)
        #expect(plugged.key.certificate(in: .cardAuthentication) != nil)
    }
}
