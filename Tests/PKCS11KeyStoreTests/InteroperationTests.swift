import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Keys that others made, and others with keys of ours.
struct InteroperationTests {
    @Test(arguments: [
        ("EC:prime256v1", KeyType.ecP256), ("EC:secp384r1", .ecP384), ("EC:secp521r1", .ecP521),
        ("rsa:2048", .rsa(bits: 2048)),
        ("EC:edwards25519", .ed25519),
    ])
    func aKeyThatPKCS11ToolMadeSigns(toolType: String, type: KeyType) throws {
        let open = try OpenToken()
        try Tool.pkcs11Tool(
            open.token, ["--keypairgen", "--key-type", toolType, "--id", "0a0b", "--label", "theirs", "--usage-sign"])
        let key = try open.session.key(at: try open.uri("object=theirs;id=%0a%0b;type=private"))
        #expect(key.info.type == type)
        for algorithm in key.info.algorithms {
            let signature = try key.sign(message, algorithm)
            #expect(try opensslAccepts(signature, of: message, by: try key.publicKey(), algorithm), "\(algorithm)")
        }
    }

    @Test func pkcs11ToolSignsWithKeysOfOurs() throws {
        let open = try OpenToken()
        let (input, output) = (try Tool.file(message), try Tool.file())
        let ec = try open.session.generateKey(.ecP256, at: try open.uri("object=ec;id=%01"))
        let digest = try Tool.file()
        try Tool.succeed(["openssl", "dgst", "-sha256", "-binary", "-out", digest, input])
        try Tool.pkcs11Tool(
            open.token,
            [
                "--sign", "--id", "01", "--mechanism", "ECDSA", "--signature-format", "openssl", "--input-file", digest,
                "--output-file", output,
            ])
        #expect(
            try opensslAccepts(try Tool.bytes(of: output), of: message, by: try ec.publicKey(), .ecdsaP256SHA256))
        let rsa = try open.session.generateKey(.rsa(bits: 2048), at: try open.uri("object=rsa;id=%02"))
        try Tool.pkcs11Tool(
            open.token,
            [
                "--sign", "--id", "02", "--mechanism", "SHA256-RSA-PKCS", "--input-file", input, "--output-file",
                output,
            ])
        #expect(
            try opensslAccepts(try Tool.bytes(of: output), of: message, by: try rsa.publicKey(), .rsaPKCS1SHA256))
    }

    @Test func p11toolSignsWithKeysOfOursUnderOurReferences() throws {
        let open = try OpenToken()
        for (type, attributes) in [
            (KeyType.ecP256, "object=an%20ec%20key;id=%01"), (.rsa(bits: 2048), "object=rsa;id=%02"),
        ] {
            let key = try open.session.generateKey(type, at: try open.uri(attributes))
            let tool = [
                "p11tool", "--provider", open.token.modulePath, "--batch", "--login", "--set-pin", open.token.pin,
            ]
            try Tool.succeed(tool + ["--test-sign", key.info.uri.text])
            let listed = try Tool.succeed(tool + ["--list-privkeys", "--only-urls", key.info.uri.text])
            let theirs = try KeyStoreURI(String(try #require(listed.split(separator: "\n").first)))
            #expect(try PKCS11Backend.uri(key.info.uri, matches: theirs))
            #expect(try open.session.key(at: theirs).publicKey() == key.publicKey())
        }
    }

    @Test func aCertificateThatPKCS11ToolStoredIsFound() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%01"))
        let certificate = try TestCertificates.issued(for: try key.publicKey())
        try Tool.pkcs11Tool(
            open.token,
            ["--write-object", try Tool.file(certificate), "--type", "cert", "--id", "01", "--label", "other"])
        #expect(try open.session.certificates(at: key.info.uri) == [certificate])
    }
}
