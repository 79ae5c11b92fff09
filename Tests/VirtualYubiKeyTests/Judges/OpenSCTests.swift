import OpenSSL
import Testing

@testable import VirtualYubiKey

/// OpenSC's PKCS#11 module, which knows PIV cards in general.
@Suite(.serialized)
struct OpenSCTests {
    private func plugged(_ algorithm: KeyAlgorithm, _ slot: Slot) throws -> PluggedKey {
        try PluggedKey { key in
            key.putCHUID()
            try key.generate(algorithm, in: slot)
            try key.putCertificate(in: slot, commonName: "somebody")
        }
    }

    @Test func itShowsTheTokenAndItsKeys() throws {
        let plugged = try plugged(.p256, .authentication)
        #expect(try plugged.openSC("-L").succeeded().outputText.contains("somebody"))
        let objects = try plugged.openSC("--login", "--pin", "123456", "-O").succeeded().outputText
        #expect(objects.contains("PIV AUTH key"))
        #expect(objects.contains("Certificate for PIV Authentication"))
    }

    @Test func itSignsWithP256() throws {
        let plugged = try plugged(.p256, .authentication)
        try plugged.folder.write("message", "to be signed")
        try plugged.openSC(
            "--login", "--pin", "123456", "--sign", "--id", "01", "-m", "ECDSA-SHA256", "--signature-format", "openssl",
            "-i", "message", "-o", "signature"
        ).succeeded()
        #expect(try plugged.verifies("signature", of: "message", by: .authentication))
    }

    @Test(arguments: [Slot.authentication, .signature])
    func itSignsWithRSA(_ slot: Slot) throws {
        let plugged = try plugged(.rsa2048, slot)
        try plugged.folder.write("message", "to be signed")
        try plugged.openSC(
            "--login", "--pin", "123456", "--sign", "--id", slot == .signature ? "02" : "01", "-m", "SHA256-RSA-PKCS",
            "-i", "message", "-o", "signature"
        ).succeeded()
        #expect(try plugged.verifies("signature", of: "message", by: slot))
    }

    @Test func itReadsAnObjectThatNeedsThePIN() throws {
        let plugged = try PluggedKey {
            $0.putCHUID()
            $0.setObject(0x5FC109, [1, 2, 3])
        }
        let label = "Printed Information"
        try plugged.openSC(
            "--login", "--pin", "123456", "--read-object", "--type", "data", "--label", label, "-o", "object"
        ).succeeded()
        #expect(try plugged.folder.read("object") == [0x53, 3, 1, 2, 3])
    }
}
