import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import PKCS11KeyStore
import TemporaryFiles
import Testing

/// Decryption with modules that have everything, and with some that fail in every way.
struct DecryptionTests {
    private func encrypt(_ plaintext: [UInt8], to key: PublicKey, hash: String?) throws -> [UInt8] {
        let options =
            hash.map { ["rsa_padding_mode:oaep", "rsa_oaep_md:\($0)", "rsa_mgf1_md:\($0)"] } ?? [
                "rsa_padding_mode:pkcs1"
            ]
        let folder = TemporaryFolder()
        return try OpenSSLCommand.run(
            ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", try folder.write("key", key.der)]
                + options.flatMap { ["-pkeyopt", $0] }, input: plaintext)
    }

    private func open() throws -> (OpenMock, any DecryptingBackendKey, ciphertext: [UInt8]) {
        let open = try OpenMock(script: "remove any\nkey RSA-2048 label=key seed=7")
        let key = try #require(try open.key() as? any DecryptingBackendKey)
        return (open, key, try encrypt([1, 2, 3], to: try key.publicKey(), hash: nil))
    }

    @Test(
        arguments: [
            (.rsaPKCS1, nil), (.rsaOAEPSHA1, "sha1"), (.rsaOAEPSHA256, "sha256"), (.rsaOAEPSHA384, "sha384"),
            (.rsaOAEPSHA512, "sha512"),
        ] as [(EncryptionAlgorithm, String?)])
    func whatOpenSSLEncryptedIsDecrypted(_ algorithm: EncryptionAlgorithm, hash: String?) throws {
        let (open, key, _) = try open()
        for length in [0, 1, 62] {
            let plaintext = (0..<length).map { UInt8($0) }
            let ciphertext = try encrypt(plaintext, to: try key.publicKey(), hash: hash)
            #expect(try key.decrypt(ciphertext, algorithm) == plaintext)
        }
        #expect(open.module.violations == [])
    }

    @Test(
        arguments: [
            "CKR_ENCRYPTED_DATA_INVALID", "CKR_ENCRYPTED_DATA_LEN_RANGE", "CKR_DATA_INVALID", "CKR_DATA_LEN_RANGE",
            "CKR_FUNCTION_FAILED", "CKR_GENERAL_ERROR", "CKR_DEVICE_ERROR", "CKR_BUFFER_TOO_SMALL", "CKR_ARGUMENTS_BAD",
        ])
    func whateverAModuleSaysOfPaddingItIsToldInTheSameWords(value: String) throws {
        let (open, key, ciphertext) = try open()
        let other = try failure { try key.decrypt([1], .rsaPKCS1) }
        try open.module.run("keep-operations on\non C_Decrypt 1+ return \(value)")
        let error = try failure { try key.decrypt(ciphertext, .rsaPKCS1) }
        #expect(error.code == .invalidData)
        #expect("\(error)" == "\(other)")
        #expect(error.native == nil && error.underlying == nil)
        // The session is not left in the middle of it.
        try open.module.run("clear")
        #expect(try key.decrypt(ciphertext, .rsaPKCS1) == [1, 2, 3])
        #expect(open.module.violations == [])
    }

    @Test(
        arguments: [
            ("C_DecryptInit", "CKR_MECHANISM_INVALID"), ("C_DecryptInit", "CKR_MECHANISM_PARAM_INVALID"),
            ("C_DecryptInit", "CKR_ARGUMENTS_BAD"), ("C_DecryptInit", "CKR_FUNCTION_NOT_SUPPORTED"),
            ("C_Decrypt", "CKR_MECHANISM_PARAM_INVALID"),
        ])
    func aMechanismThatIsRefusedIsUnsupportedAndKeepsItsCause(function: String, value: String) throws {
        let (open, key, ciphertext) = try open()
        try open.module.run("on \(function) 1+ return \(value)")
        let error = try failure { try key.decrypt(ciphertext, .rsaOAEPSHA256) }
        #expect(error.code == .unsupportedMechanism)
        #expect(error.native?.function == function && error.native?.name == value)
    }

    @Test(arguments: ["CKR_DEVICE_REMOVED", "CKR_TOKEN_NOT_PRESENT"])
    func aTokenThatIsGoneIsNoWrongCiphertext(value: String) throws {
        let (open, key, ciphertext) = try open()
        try open.module.run("on C_Decrypt 1 vanish \(value)")
        #expect(try failure { try key.decrypt(ciphertext, .rsaPKCS1) }.code == .tokenRemoved)
    }

    @Test func aSessionThatIsStuckInADecryptionIsReplaced() throws {
        let (open, key, ciphertext) = try open()
        try open.module.run("on C_DecryptInit 1 return CKR_OPERATION_ACTIVE")
        #expect(try key.decrypt(ciphertext, .rsaPKCS1) == [1, 2, 3])
    }

    @Test func aModuleWithoutTheFunctionSaysSo() throws {
        let open = try OpenMock(
            script: "lack C_DecryptInit C_Decrypt\nremove any\nkey RSA-2048 label=key seed=7")
        let key = try #require(try open.key() as? any DecryptingBackendKey)
        let ciphertext = try encrypt([1, 2, 3], to: try key.publicKey(), hash: nil)
        #expect(try failure { try key.decrypt(ciphertext, .rsaPKCS1) }.code == .unsupportedMechanism)
    }
}

extension DecryptingBackendKey {
    func decrypt(_ ciphertext: [UInt8], _ algorithm: EncryptionAlgorithm) throws -> [UInt8] {
        try ciphertext.withUnsafeBytes { try decrypt($0, using: algorithm) }.withBytes { Array($0) }
    }
}
