import OpenSSL
import Testing

@testable import VirtualYubiKey

/// ykman 5.9.2, Yubico's manager, which uses PC/SC by itself.
@Suite(.serialized)
struct YKManTests {
    private static let firmwares = [FirmwareVersion.v5_4_3, .v5_7_1]
    private let managementKey = PluggedKey.factoryManagementKey

    @Test(arguments: firmwares)
    func itShowsTheKey(_ firmware: FirmwareVersion) throws {
        let plugged = try PluggedKey(firmware)
        let text = try plugged.ykman("piv", "info").succeeded().outputText
        #expect(text.contains("\(firmware)"))
        #expect(text.contains("PIN tries remaining:      3/3"))
        #expect(text.contains("PUK tries remaining:      3/3"))
        #expect(text.contains(firmware == .v5_7_1 ? "AES192" : "TDES"))
        #expect(text.contains("Using default PIN!"))
    }

    @Test(arguments: firmwares)
    func whatItGeneratesItTellsCertifiesAndAttests(_ firmware: FirmwareVersion) throws {
        let plugged = try PluggedKey(firmware)
        try plugged.ykman(
            "piv", "keys", "generate", "-m", managementKey, "-P", "123456", "-a", "ECCP384", "--pin-policy", "always",
            "9d", "public"
        ).succeeded()
        #expect(try plugged.publicKey(inFile: "public") == plugged.key.publicKeyDER(in: .keyManagement))
        let text = try plugged.ykman("piv", "keys", "info", "9d").succeeded().outputText
        for words in ["ECCP384", "GENERATED", "ALWAYS", "NEVER"] { #expect(text.contains(words)) }
        try plugged.ykman(
            "piv", "certificates", "generate", "-m", managementKey, "-P", "123456", "-s", "CN=somebody", "9d", "public"
        ).succeeded()
        try plugged.ykman("piv", "certificates", "export", "9d", "certificate").succeeded()
        #expect(throws: Never.self) {
            try OpenSSLCommand.run([
                "verify", "-CAfile", plugged.folder.path("certificate"), plugged.folder.path("certificate"),
            ])
        }
        try plugged.ykman("piv", "keys", "attest", "9d", "attestation").succeeded()
        try plugged.ykman("piv", "certificates", "export", "f9", "intermediate").succeeded()
        try plugged.folder.write("root", try plugged.key.attestationRootPEM())
        #expect(throws: Never.self) {
            try OpenSSLCommand.run([
                "verify", "-CAfile", plugged.folder.path("root"), "-untrusted", plugged.folder.path("intermediate"),
                plugged.folder.path("attestation"),
            ])
        }
    }

    @Test(arguments: firmwares)
    func itImportsKeysAndCertificates(_ firmware: FirmwareVersion) throws {
        let plugged = try PluggedKey(firmware)
        try OpenSSLCommand.run([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=somebody", "-keyout",
            plugged.folder.path("key"), "-out", plugged.folder.path("certificate"),
        ])
        try plugged.ykman("piv", "keys", "import", "-m", managementKey, "9c", "key").succeeded()
        // It has the key sign something, and compares.
        try plugged.ykman(
            "piv", "certificates", "import", "--verify", "-P", "123456", "-m", managementKey, "9c", "certificate"
        ).succeeded()
        #expect(
            try plugged.key.publicKeyDER(in: .signature) == OpenSSLCommand.publicKey(ofPEM: plugged.folder.read("key")))
        #expect(plugged.key.certificate(in: .signature) != nil)
        try plugged.ykman("piv", "certificates", "delete", "-m", managementKey, "9c").succeeded()
        #expect(plugged.key.certificate(in: .signature) == nil)
    }

    @Test(arguments: ["RSA3072", "ED25519", "X25519"])
    func newAlgorithmsAreOf57Only(_ name: String) throws {
        let new = try PluggedKey(.v5_7_1)
        try new.ykman("piv", "keys", "generate", "-m", managementKey, "-P", "123456", "-a", name, "9a", "public")
            .succeeded()
        #expect(try new.publicKey(inFile: "public") == new.key.publicKeyDER(in: .authentication))
        #expect(try new.ykman("piv", "keys", "info", "9a").succeeded().outputText.contains(name))
        new.daemon.stop()
        let old = try PluggedKey(.v5_4_3)
        let outcome = try old.ykman(
            "piv", "keys", "generate", "-m", managementKey, "-P", "123456", "-a", name, "9a", "public")
        #expect(outcome.status != 0)
    }

    @Test func itMovesAndDeletesKeysWithFirmware57() throws {
        let plugged = try PluggedKey(.v5_7_1)
        let publicKey = try plugged.key.generate(.p256, in: .authentication)
        try plugged.ykman("piv", "keys", "move", "-m", managementKey, "9a", "82").succeeded()
        #expect(try plugged.key.publicKeyDER(in: 0x82) == publicKey)
        try plugged.ykman("piv", "keys", "delete", "-m", managementKey, "82").succeeded()
        #expect(try plugged.key.publicKeyDER(in: 0x82) == nil)
    }

    @Test(arguments: firmwares)
    func itChangesEverySecretAndResets(_ firmware: FirmwareVersion) throws {
        let plugged = try PluggedKey(firmware)
        try plugged.ykman("piv", "access", "change-pin", "-P", "123456", "-n", "654321").succeeded()
        try plugged.ykman("piv", "access", "change-puk", "-p", "12345678", "-n", "87654321").succeeded()
        let other = String(repeating: "a1b2c3d4e5f60718", count: 4)
        try plugged.ykman(
            "piv", "access", "change-management-key", "-m", managementKey, "-a", "AES256", "-n", other
        ).succeeded()
        #expect(plugged.key.managementAlgorithm == .aes256)
        #expect(try plugged.ykman("piv", "access", "unblock-pin", "-p", "00000000", "-n", "123456").status != 0)
        #expect(plugged.key.pukTriesLeft == 2)
        try plugged.ykman("piv", "access", "unblock-pin", "-p", "87654321", "-n", "111222").succeeded()
        try plugged.ykman("piv", "reset", "--force").succeeded()
        #expect(plugged.key.managementKey == ManagementKey.factoryDefault(firmware).bytes)
        #expect((plugged.key.pinTriesLeft, plugged.key.pukTriesLeft) == (3, 3))
    }
}
