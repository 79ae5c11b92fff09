import TemporaryFiles
import CLibCrypto
import KeyStoreCore
import LibCrypto
import OpenSSL
import Testing

@Suite struct ReadingTests {
    @Test(arguments: Fixture.all)
    func everyFormThatOpenSSLWritesIsReadWithOnePassphraseAtMost(_ fixture: Fixture) throws {
        let (key, asked) = try PrivateKey.reading(fixture.pem, passphrase: Fixture.passphrase)
        #expect(key.type == fixture.type)
        #expect(asked == (fixture.isEncrypted ? 1 : 0))
        #expect(try fixture.pem.withUnsafeBytes { try PrivateKey.isEncrypted(pem: $0) } == fixture.isEncrypted)
        #expect(ERR_peek_error() == 0)
    }

    @Test(
        arguments: Fixture.all.filter { !$0.description.contains("explicit") && !$0.description.contains("compressed") }
    )
    func thePublicKeyIsTheOneThatOpenSSLDerives(_ fixture: Fixture) throws {
        let (key, _) = try PrivateKey.reading(fixture.pem, passphrase: Fixture.passphrase)
        let expected = try OpenSSLCommand.publicKey(ofPEM: fixture.pem, passphrase: Fixture.passphrase)
        #expect(try key.publicKey().der == expected)
        #expect(try key.publicKey().type == fixture.type)
    }

    @Test(arguments: ["SEC1 with explicit parameters", "SEC1 with a compressed point", "SEC1 without the public key"])
    func thePublicKeyIsInTheUsualFormWhateverTheFilesForm(_ name: String) throws {
        let (key, _) = try PrivateKey.reading(Fixture.named(name).pem, passphrase: "")
        #expect(try key.publicKey().der == OpenSSLCommand.publicKey(ofPEM: Fixture.p256))
    }

    @Test(arguments: Fixture.all.filter(\.isEncrypted))
    func aWrongPassphraseIsAskedForOnceAndIsPINIncorrect(_ fixture: Fixture) {
        let refusal = PrivateKey.refusal(of: fixture.pem, passphrase: "incorrect horse")
        #expect(refusal.error?.code == .pinIncorrect)
        #expect(refusal.asked == 1)
        #expect(refusal.error?.native?.domain == "OpenSSL")
        #expect(ERR_peek_error() == 0)
    }

    /// One wrong passphrase in 256 leaves padding that looks right.
    @Test(arguments: ["PBES2, PBKDF2, AES-256", "PKCS#1 with DEK-Info", "SEC1 with DEK-Info, triple DES"])
    func aWrongPassphraseIsNeverTakenForADamagedFile(_ name: String) {
        let pem = Fixture.named(name).pem
        let codes = Set((0..<1500).map { PrivateKey.refusal(of: pem, passphrase: "wrong \($0)").error?.code })
        #expect(codes == [.pinIncorrect])
    }

    @Test func anEmptyPassphraseIsWrongAndNotAFailure() {
        for fixture in Fixture.all where fixture.isEncrypted {
            #expect(PrivateKey.refusal(of: fixture.pem, passphrase: "").error?.code == .pinIncorrect, "\(fixture)")
        }
    }

    @Test func aPassphraseTooLongForTheTraditionalFormIsWrong() {
        let long = String(repeating: "x", count: 2000)
        let pem = Fixture.named("SEC1 with DEK-Info").pem
        #expect(PrivateKey.refusal(of: pem, passphrase: long).error?.code == .pinIncorrect)
    }

    @Test func whatThePassphraseSourceThrowsIsThrown() {
        let pem = Fixture.named("PBES2, PBKDF2, AES-256").pem
        #expect(throws: KeyStoreError(.cancelled, "")) {
            try pem.withUnsafeBytes { bytes in
                _ = try PrivateKey(pem: bytes) { () throws(KeyStoreError) in throw KeyStoreError(.cancelled, "") }
            }
        }
    }

    @Test(arguments: [
        ("X448", ["genpkey", "-algorithm", "X448"]),
        ("Ed448", ["genpkey", "-algorithm", "ED448"]),
        ("secp256k1", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"]),
        ("RSA-PSS", ["genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]),
        ("RSA with 1024 bits", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]),
        ("secp256k1 as SEC1", ["ecparam", "-name", "secp256k1", "-genkey", "-noout"]),
    ])
    func aKeyTypeThatWeDoNotUseIsUnsupported(_ name: String, _ arguments: [String]) {
        let refusal = PrivateKey.refusal(of: Fixture.convert(arguments, []))
        #expect(refusal.error?.code == .unsupportedMechanism)
        #expect(ERR_peek_error() == 0)
    }

    @Test func aDSAKeyIsUnsupportedInBothForms() throws {
        let folder = TemporaryFolder()
        let parameters = Fixture.convert(
            ["genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:1024"], [])
        let path = try folder.write("parameters", parameters)
        let pkcs8 = Fixture.convert(["genpkey", "-paramfile", path], [])
        let traditional = Fixture.convert(["dsa"], pkcs8)
        #expect(PrivateKey.refusal(of: pkcs8).error?.code == .unsupportedMechanism)
        #expect(PrivateKey.refusal(of: traditional).error?.code == .unsupportedMechanism)
    }

    @Test func anOpenSSHKeyIsUnsupportedAndNamed() {
        let pem = Array("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n".utf8)
        let refusal = PrivateKey.refusal(of: pem)
        #expect(refusal.error?.code == .unsupportedMechanism)
        #expect(refusal.error?.message.contains("OPENSSH PRIVATE KEY") == true)
    }

    @Test func aCipherThatOpenSSLDoesNotOfferIsUnsupportedAndNoWrongPassphrase() throws {
        // Single DES is in OpenSSL's legacy provider, which is not loaded.
        let text = String(decoding: Fixture.named("SEC1 with DEK-Info, triple DES").pem, as: UTF8.self)
        let singleDES = Array(text.replacing("DES-EDE3-CBC", with: "DES-CBC").utf8)
        #expect(PrivateKey.refusal(of: singleDES).error?.code == .unsupportedMechanism)
        let pbes1 = Fixture.convert(
            [
                "pkcs8", "-topk8", "-v1", "PBE-MD5-DES", "-provider", "legacy", "-provider", "default", "-passout",
                "pass:\(Fixture.passphrase)",
            ], Fixture.p256)
        #expect(PrivateKey.refusal(of: pbes1).error?.code == .unsupportedMechanism)
        let unknown = Array(text.replacing("DES-EDE3-CBC", with: "ROT-13").utf8)
        let refusal = PrivateKey.refusal(of: unknown)
        #expect(refusal.error?.code == .unsupportedMechanism)
        #expect(refusal.asked == 0)
        let headerless = Array(text.replacing("DEK-Info", with: "Dek-Oops").utf8)
        #expect(PrivateKey.refusal(of: headerless).error?.code == .invalidData)
    }

    @Test(arguments: Fixture.all.filter { $0.description != "behind a certificate" })
    func aTruncatedFileIsInvalidDataAndNobodyIsAsked(_ fixture: Fixture) {
        let refusal = PrivateKey.refusal(of: Array(fixture.pem.dropLast(60)))
        #expect(refusal.error?.code == .invalidData)
        #expect(refusal.asked == 0)
        #expect(ERR_peek_error() == 0)
    }

    @Test func whatHoldsNoPrivateKeyIsInvalidData() {
        for bytes in [[], Array("nothing".utf8), Fixture.certificate, [0, 1, 2, 255]] {
            #expect(PrivateKey.refusal(of: bytes).error?.code == .invalidData)
            #expect(throws: KeyStoreError(.invalidData, "")) {
                try bytes.withUnsafeBytes { try PrivateKey.isEncrypted(pem: $0) }
            }
        }
    }

    @Test(arguments: ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "DSA PRIVATE KEY"])
    func garbageInsideARightFrameIsInvalidData(_ name: String) {
        let pem = Array("-----BEGIN \(name)-----\nZ2FyYmFnZQ==\n-----END \(name)-----\n".utf8)
        let refusal = PrivateKey.refusal(of: pem)
        #expect(refusal.error?.code == .invalidData)
        #expect(refusal.asked == 0)
    }

    @Test func aMalformedKeyOfAKnownTypeIsInvalidData() throws {
        // PKCS#8 with the identifier of Ed25519 and a seed that is one byte short.
        let der: [UInt8] =
            [0x30, 0x2D, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x21, 4, 0x1F] + Array(repeating: 7, count: 31)
        let pem = Fixture.convert(["base64"], der)
        let text = Array("-----BEGIN PRIVATE KEY-----\n".utf8) + pem + Array("-----END PRIVATE KEY-----\n".utf8)
        #expect(PrivateKey.refusal(of: text).error?.code == .invalidData)
    }

    @Test func aTextLongerThanAMebibyteIsInvalidData() {
        let padding = [UInt8](repeating: UInt8(ascii: "\n"), count: 1 << 20)
        #expect(PrivateKey.refusal(of: padding + Fixture.p256).error?.code == .invalidData)
        #expect(PrivateKey.refusal(of: padding.dropLast(Fixture.p256.count) + Fixture.p256).error == nil)
    }

    @Test func noMemoryAtAllIsATextWithoutAKey() {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(throws: KeyStoreError(.invalidData, "")) { try PrivateKey.isEncrypted(pem: nothing) }
    }

    @Test(arguments: Fixture.all)
    func aFileWithAnyByteChangedIsReadOrRefusedForWhatItIs(_ fixture: Fixture) {
        let expected: Set<KeyStoreError.Code?> = [nil, .invalidData, .unsupportedMechanism, .pinIncorrect]
        // Deriving the key takes most of the time, so the expensive ones get fewer changes.
        let stride = fixture.isEncrypted ? 37 : 3
        for (round, index) in Swift.stride(from: 0, to: fixture.pem.count, by: stride).enumerated() {
            var pem = fixture.pem
            pem[index] = round.isMultiple(of: 2) ? UInt8(ascii: "A") : pem[index] ^ 1
            let refusal = PrivateKey.refusal(of: pem)
            #expect(expected.contains(refusal.error?.code), "byte \(index): \(String(describing: refusal.error))")
        }
        #expect(ERR_peek_error() == 0)
    }
}
