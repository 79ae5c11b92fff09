import KeyStoreCore
import LibCrypto
import OpenSSL
import Testing

@Suite struct WritingTests {
    @Test(arguments: [KeyType.ecP256, .ecP384, .ecP521, .rsa(bits: 2048), .ed25519])
    func openSSLReadsWhatIsWritten(_ type: KeyType) throws {
        let key = try PrivateKey.generate(type)
        let plain = try key.pem(passphrase: nil)
        #expect(plain.text.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        #expect(try OpenSSLCommand.publicKey(ofPEM: plain.bytes) == key.publicKey().der)

        let encrypted = try key.pem(passphrase: PIN("päss"))
        #expect(encrypted.text.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
        #expect(try OpenSSLCommand.publicKey(ofPEM: encrypted.bytes, passphrase: "päss") == key.publicKey().der)
        #expect(throws: OpenSSLCommand.Failure.self) {
            try OpenSSLCommand.publicKey(ofPEM: encrypted.bytes, passphrase: "pass")
        }
    }

    @Test func encryptionIsAES256UnderScryptWithAFreshSalt() throws {
        let key = try PrivateKey.generate(.ecP256)
        let texts = try (0..<2).map { _ in try key.pem(passphrase: PIN("secret")) }
        for text in texts {
            let structure = String(decoding: try OpenSSLCommand.run(["asn1parse"], input: text.bytes), as: UTF8.self)
            for expected in ["PBES2", ":scrypt", "INTEGER           :4000", "INTEGER           :08", "aes-256-cbc"] {
                #expect(structure.contains(expected))
            }
        }
        #expect(texts[0].bytes != texts[1].bytes)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        for type in [KeyType.ecP521, .rsa(bits: 2048), .ed25519] {
            let key = try PrivateKey.generate(type)
            let text = try key.pem(passphrase: PIN("secret"))
            let (again, asked) = try PrivateKey.reading(text.bytes, passphrase: "secret")
            #expect(try again.publicKey() == key.publicKey())
            #expect(asked == 1)
        }
    }

    @Test func anEmptyPassphraseIsRefused() throws {
        let key = try PrivateKey.generate(.ecP256)
        #expect(throws: KeyStoreError(.invalidData, "")) { try key.pem(passphrase: PIN("")) }
    }
}
