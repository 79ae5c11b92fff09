import KeyStoreCore
import OpenSSL
import TemporaryFiles
import Testing

@testable import KeyStoreTesting

/// What the suite encrypts, `openssl` decrypts.
struct EncryptionTests {
    private static let hashes: [EncryptionAlgorithm: String] = [
        .rsaOAEPSHA1: "sha1", .rsaOAEPSHA256: "sha256", .rsaOAEPSHA384: "sha384", .rsaOAEPSHA512: "sha512",
    ]

    @Test(arguments: EncryptionAlgorithm.all, [2048, 2056, 3072])
    func opensslDecryptsWhatTheSuiteEncrypts(_ algorithm: EncryptionAlgorithm, bits: Int) throws {
        let pem = try OpenSSLCommand.run(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bits)"])
        let key = try PublicKey(der: try OpenSSLCommand.publicKey(ofPEM: pem))
        let folder = TemporaryFolder()
        let padding =
            Self.hashes[algorithm].map { ["rsa_padding_mode:oaep", "rsa_oaep_md:\($0)", "rsa_mgf1_md:\($0)"] }
            ?? ["rsa_padding_mode:pkcs1"]
        for length in [0, 1, PublicKey.maximumMessageLength(bits / 8, algorithm)] {
            let message = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            let ciphertext = try key.encrypt(message, using: algorithm)
            let plaintext = try OpenSSLCommand.run(
                ["pkeyutl", "-decrypt", "-inkey", try folder.write("key", pem)] + padding.flatMap { ["-pkeyopt", $0] },
                input: ciphertext)
            #expect(plaintext == message)
        }
    }
}
