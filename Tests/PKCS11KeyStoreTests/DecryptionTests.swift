import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import SoftHSMTokens
import TemporaryFiles
import Testing

@testable import PKCS11KeyStore

/// Decryption of what `openssl` encrypted.
struct DecryptionTests {
    private static let secret = Array("a secret".utf8)

    private func encrypt(_ plaintext: [UInt8], to key: PublicKey, _ algorithm: EncryptionAlgorithm) throws -> [UInt8] {
        let hashes: [EncryptionAlgorithm: String] = [
            .rsaOAEPSHA1: "sha1", .rsaOAEPSHA256: "sha256", .rsaOAEPSHA384: "sha384", .rsaOAEPSHA512: "sha512",
        ]
        let options: [String] =
            if let hash = hashes[algorithm] {
                ["rsa_padding_mode:oaep", "rsa_oaep_md:\(hash)", "rsa_mgf1_md:\(hash)"]
            } else {
                ["rsa_padding_mode:pkcs1"]
            }
        let folder = TemporaryFolder()
        return try OpenSSLCommand.run(
            ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", try folder.write("key", key.der)]
                + options.flatMap { ["-pkeyopt", $0] }, input: plaintext)
    }

    private func makeKey(_ open: OpenToken, _ purpose: KeyPurpose = .decrypt) throws -> any DecryptingBackendKey {
        try #require(
            try open.session.generateKey(.rsa(bits: 2048), purpose: purpose, at: try open.uri("object=d"))
                as? any DecryptingBackendKey)
    }

    @Test(arguments: [EncryptionAlgorithm.rsaPKCS1, .rsaOAEPSHA1], [0, 1, 100])
    func whatOpenSSLEncryptedIsDecrypted(_ algorithm: EncryptionAlgorithm, length: Int) throws {
        let open = try OpenToken()
        let key = try makeKey(open)
        let plaintext = (0..<length).map { UInt8($0) }
        let ciphertext = try encrypt(plaintext, to: try key.publicKey(), algorithm)
        #expect(try key.decrypt(ciphertext, algorithm) == plaintext)
    }

    @Test func aKeyForDecryptingDoesNothingElse() throws {
        let open = try OpenToken()
        let key = try makeKey(open)
        #expect(key.info.algorithms.isEmpty)
        #expect(key.info.decryptionAlgorithms == [.rsaOAEPSHA1, .rsaPKCS1])
        #expect(!key.info.canAgree)
        #expect(try open.session.key(at: key.info.uri).info.decryptionAlgorithms == [.rsaOAEPSHA1, .rsaPKCS1])
    }

    @Test func aKeyForSigningDoesNotDecrypt() throws {
        let open = try OpenToken()
        let key = try makeKey(open, .sign)
        #expect(key.info.decryptionAlgorithms.isEmpty)
        let ciphertext = try encrypt(Self.secret, to: try key.publicKey(), .rsaPKCS1)
        #expect(try failure { try key.decrypt(ciphertext, .rsaPKCS1) }.code == .unsupportedMechanism)
    }

    @Test func aKeyMayBothSignAndDecryptIfThatIsAskedFor() throws {
        let open = try OpenToken()
        let key = try makeKey(open, [.sign, .decrypt])
        #expect(key.info.algorithms == KeyType.rsa(bits: 2048).algorithms)
        let ciphertext = try encrypt(Self.secret, to: try key.publicKey(), .rsaPKCS1)
        #expect(try key.decrypt(ciphertext, .rsaPKCS1) == Self.secret)
        let signature = try key.sign(message, .rsaPKCS1SHA256)
        #expect(try opensslAccepts(signature, of: message, by: try key.publicKey(), .rsaPKCS1SHA256))
    }

    /// SoftHSM has OAEP with SHA-1 alone, which no list says, and a quirk does.
    @Test(arguments: [EncryptionAlgorithm.rsaOAEPSHA256, .rsaOAEPSHA384, .rsaOAEPSHA512])
    func aHashThatTheTokenDoesNotTakeIsUnsupported(_ algorithm: EncryptionAlgorithm) throws {
        let open = try OpenToken(quirks: "-oaep-sha1-only")
        let key = try makeKey(open)
        let ciphertext = try encrypt(Self.secret, to: try key.publicKey(), algorithm)
        let error = try failure { try key.decrypt(ciphertext, algorithm) }
        #expect(error.code == .unsupportedMechanism)
        #expect(error.native?.name == "CKR_ARGUMENTS_BAD")
    }

    @Test(arguments: [EncryptionAlgorithm.rsaPKCS1, .rsaOAEPSHA1])
    func everyWrongCiphertextIsToldInTheSameWords(_ algorithm: EncryptionAlgorithm) throws {
        let open = try OpenToken()
        let key = try makeKey(open)
        let good = try encrypt(Self.secret, to: try key.publicKey(), algorithm)
        let other: EncryptionAlgorithm = algorithm == .rsaPKCS1 ? .rsaOAEPSHA1 : .rsaPKCS1
        let wrong: [[UInt8]] = [
            [], Array(good.dropLast()), good + [0], [UInt8](repeating: 0, count: 256),
            [UInt8](repeating: 0xFF, count: 256),
            good.dropLast() + [good[255] ^ 1], try encrypt(Self.secret, to: try key.publicKey(), other),
        ]
        let errors = try wrong.map { ciphertext in try failure { try key.decrypt(ciphertext, algorithm) } }
        for error in errors {
            #expect(error.code == .invalidData)
            #expect("\(error)" == "\(errors[0])")
            #expect(error.native == nil && error.underlying == nil && error.operation == "decrypt")
        }
        // What failed left the session usable.
        #expect(try key.decrypt(good, algorithm) == Self.secret)
    }

    @Test func aSessionThatIsStuckInAnOperationIsReplaced() throws {
        let open = try OpenToken()
        let key = try makeKey(open)
        let ciphertext = try encrypt(Self.secret, to: try key.publicKey(), .rsaPKCS1)
        #expect(try open.session.using { open.session.cryptoki.findObjectsInit(open.session.handle, nil, 0) } == 0)
        #expect(try key.decrypt(ciphertext, .rsaPKCS1) == Self.secret)
    }

    @Test func aKeyThatAlwaysAuthenticatesAsksForThePINForEachDecryption() throws {
        let open = try OpenToken()
        try Tool.pkcs11Tool(
            open.token,
            ["--keypairgen", "--key-type", "rsa:2048", "--id", "01", "--label", "always", "--always-auth"])
        let key = try #require(try open.session.key(at: try open.uri("id=%01")) as? any DecryptingBackendKey)
        let ciphertext = try encrypt(Self.secret, to: try key.publicKey(), .rsaPKCS1)
        for _ in 0..<2 { #expect(try key.decrypt(ciphertext, .rsaPKCS1) == Self.secret) }
        #expect(open.host.requests.map(\.kind) == [.pin, .contextPIN, .contextPIN])
    }

    @Test(arguments: [KeyType.ecP256, .ecP521, .ed25519])
    func noOtherKeyIsMadeForDecrypting(type: KeyType) throws {
        let open = try OpenToken()
        let error = try failure {
            try open.session.generateKey(type, purpose: [.sign, .decrypt], at: try open.uri("object=d"))
        }
        #expect(error.code == .unsupportedMechanism)
        #expect(error.message.contains("do not decrypt"))
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.isEmpty)
    }
}

extension DecryptingBackendKey {
    func decrypt(_ ciphertext: [UInt8], _ algorithm: EncryptionAlgorithm) throws -> [UInt8] {
        try ciphertext.withRawBytes { bytes in try decrypt(bytes, using: algorithm) }.withBytes { Array($0) }
    }
}
