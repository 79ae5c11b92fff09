import ChildProcess
import OpenSSL
import TemporaryFiles
import Testing
import VirtualYubiKey

/// Real clients, through a real pcscd.
@Suite(.serialized)
struct JudgeTests {
    @Test func aSignatureOfYKCS11IsVerifiedByOpenSSL() async throws {
        let daemon = try PCSCDaemon()
        let key = try YubiKey()
        let publicKey = try key.generate(.p256, in: .authentication)
        try key.plug(intoPort: daemon.ports[0])
        defer { key.unplug() }
        let folder = TemporaryFolder()
        try folder.write("message", "to be signed")
        let outcome = try Program.system(
            "pkcs11-tool",
            [
                "--module", "libykcs11.so.2", "--login", "--pin", "123456", "--sign", "--id", "01", "--mechanism",
                "ECDSA-SHA256", "--signature-format", "openssl", "--input-file", folder.path("message"),
                "--output-file", folder.path("signature"),
            ]
        ).runBlocking()
        try #require(outcome.status == 0, "\(outcome)")
        #expect(
            try OpenSSLCommand.verifies(
                folder.read("signature"), of: folder.read("message"), publicKey: publicKey, hash: "sha256"))
    }
}
