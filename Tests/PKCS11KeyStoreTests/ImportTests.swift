import KeyStoreCore
import KeyStorePlugin
import LibCrypto
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Keys from outside.
struct ImportTests {
    private static let options: [KeyType: [String]] = [
        .ecP256: ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], .ecP384: ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        .ecP521: ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
        .rsa(bits: 2048): ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        .rsa(bits: 3072): ["RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
        .rsa(bits: 4096): ["RSA", "-pkeyopt", "rsa_keygen_bits:4096"], .ed25519: ["ED25519"],
    ]

    private func pem(_ type: KeyType, _ more: [String] = []) throws -> [UInt8] {
        let path = try Tool.file()
        try Tool.succeed(
            ["openssl", "genpkey", "-algorithm"] + (try #require(Self.options[type])) + more + ["-out", path])
        return try Tool.bytes(of: path)
    }

    private func take(_ pem: [UInt8], _ open: OpenToken, _ attributes: String) throws -> any BackendKey {
        try pem.withRawBytes { bytes in
            try open.session.importKey(pem: bytes, at: try KeyStoreURI(open.token.uri(attributes)))
        }
    }

    @Test(arguments: KeyType.signing)
    func anImportedKeySignsAndStays(type: KeyType) throws {
        let open = try OpenToken()
        let pem = try pem(type)
        let source = try pem.withRawBytes { bytes in
            try PrivateKey(pem: bytes) { () throws(KeyStoreError) in try PIN("") }
        }
        let key = try take(pem, open, "object=taken;id=%05")
        #expect(key.info.type == type)
        #expect(try key.publicKey() == source.publicKey())
        #expect(!key.info.isExtractable)
        for algorithm in key.info.algorithms {
            let signature = try key.sign(message, algorithm)
            #expect(try opensslAccepts(signature, of: message, by: try source.publicKey(), algorithm), "\(algorithm)")
        }
        let objects = try Tool.pkcs11Tool(open.token, ["--list-objects", "--type", "privkey"])
        #expect(objects.contains("Access:     sensitive") && !objects.contains("extractable"))
    }

    @Test func anEncryptedKeyAsksForItsPassphrase() throws {
        let pem = try pem(.ecP256, ["-aes256", "-pass", "pass:words"])
        let token = SoftHSM.shared.makeToken(pin: "words")
        let open = try OpenToken(token, host: TestHost(pin: "words"))
        let key = try take(pem, open, "object=a")
        #expect(key.info.type == .ecP256)
        #expect(open.host.requests.map(\.kind) == [.passphrase, .pin])
    }

    @Test func whatHoldsNoKeyIsRefusedBeforeThePINIsAskedFor() throws {
        let open = try OpenToken()
        #expect(try failure { try take(Array("nothing".utf8), open, "object=a") }.code == .invalidData)
        #expect(open.host.requests.isEmpty)
    }

    @Test func anImportedKeyDoesWhatItIsImportedFor() throws {
        let open = try OpenToken()
        for (type, purpose) in [
            (KeyType.rsa(bits: 2048), KeyPurpose.decrypt), (.ecP384, .agree), (.rsa(bits: 2048), [.sign, .decrypt]),
        ] {
            let key = try pem(type).withRawBytes { bytes in
                try open.session.importKey(pem: bytes, purpose: purpose, at: try KeyStoreURI(open.token.uri))
            }
            #expect(key.info.algorithms.isEmpty != purpose.contains(.sign))
            #expect(key.info.decryptionAlgorithms.isEmpty != purpose.contains(.decrypt))
            #expect(key.info.canAgree == purpose.contains(.agree))
        }
    }

    @Test(arguments: [(KeyType.ecP256, KeyPurpose.decrypt), (.ed25519, .agree), (.rsa(bits: 2048), .agree)])
    func aPurposeThatTheKeyCannotHaveIsRefusedBeforeThePINIsAskedFor(type: KeyType, purpose: KeyPurpose) throws {
        let open = try OpenToken()
        let error = try failure {
            try pem(type).withRawBytes { bytes in
                try open.session.importKey(pem: bytes, purpose: purpose, at: try open.uri("object=a"))
            }
        }
        #expect(error.code == .unsupportedMechanism)
        #expect(open.host.requests.isEmpty)
    }
}
