import CLibCrypto
import KeyStoreCore
import LibCrypto
import OpenSSL
import Testing

@Suite struct SigningTests {
    static let message = Array("what is to be signed".utf8)
    static let types = KeyType.signing

    @Test(arguments: types)
    func openSSLVerifiesWhatAGeneratedKeySignsInEveryAlgorithmOfItsType(_ type: KeyType) throws {
        let key = try PrivateKey.generate(type)
        #expect(key.type == type)
        let publicKey = try key.publicKey()
        #expect(publicKey.type == type)
        for algorithm in type.algorithms {
            for message in [Self.message, [], [UInt8](repeating: 0xA5, count: 100_000)] {
                // The program's one-shot Ed25519 does not read an empty file.
                if message.isEmpty && algorithm == .ed25519 { continue }
                let signature = try key.sign(message, algorithm)
                let isVerified = try OpenSSLCommand.verifies(
                    signature, of: message, publicKey: publicKey.der, hash: algorithm.opensslHash,
                    isPSS: algorithm.isRSAPSS)
                #expect(isVerified, "\(algorithm), \(message.count) bytes")
            }
        }
        #expect(ERR_peek_error() == 0)
    }

    @Test(arguments: types.filter { $0 != .ed25519 })
    func aDigestIsSignedAsItIs(_ type: KeyType) throws {
        let key = try PrivateKey.generate(type)
        for algorithm in type.algorithms {
            let hash = try #require(algorithm.hash)
            let digest = try Self.message.withUnsafeBytes { try Digest.compute($0, hash) }
            // A context is used twice, as a session does.
            for _ in 0..<2 {
                let isVerified = try OpenSSLCommand.verifies(
                    try key.sign(digest: digest, algorithm), of: Self.message, publicKey: try key.publicKey().der,
                    hash: algorithm.opensslHash, isPSS: algorithm.isRSAPSS)
                #expect(isVerified, "\(algorithm)")
            }
        }
    }

    @Test(arguments: types)
    func aPublicKeyKnowsItsOwnSignaturesFromAllOthers(_ type: KeyType) throws {
        let (key, other) = (try PrivateKey.generate(type), try PrivateKey.generate(type))
        for algorithm in type.algorithms {
            let signature = try key.sign(Self.message, algorithm)
            let input = try algorithm.hash.map { hash in
                try Self.message.withUnsafeBytes { try Digest.compute($0, hash) }
            }
            func isValid(_ key: PrivateKey, _ signature: [UInt8], _ input: [UInt8]) throws -> Bool? {
                let publicKey = try key.publicKey()
                return input.withUnsafeBytes {
                    publicKey.isValidSignature(signature, ofInput: $0, using: algorithm)
                }
            }
            let signed = input ?? Self.message
            #expect(try isValid(key, signature, signed) == true, "\(algorithm)")
            #expect(try isValid(other, signature, signed) == false, "\(algorithm)")
            #expect(try isValid(key, signature, [signed[0] ^ 1] + signed.dropFirst()) == false, "\(algorithm)")
            for wrong in [
                [], Array(signature.dropLast()), signature + [0], signature.dropLast() + [signature.last! ^ 1],
            ] {
                #expect(try isValid(key, wrong, signed) == false, "\(algorithm)")
            }
            for foreign in SignatureAlgorithm.all where !type.algorithms.contains(foreign) {
                let publicKey = try key.publicKey()
                #expect(
                    signed.withUnsafeBytes {
                        publicKey.isValidSignature(signature, ofInput: $0, using: foreign)
                    } == false)
            }
        }
        #expect(ERR_peek_error() == 0)
    }

    @Test func ofAKeyThatIsOnNoCurveNothingIsKnown() throws {
        var der = try PrivateKey.generate(.ecP256).publicKey().der
        der[der.count - 1] ^= 1
        let publicKey = try PublicKey(der: der)
        #expect(
            Self.message.withUnsafeBytes {
                publicKey.isValidSignature([], ofInput: $0, using: .ecdsaP256SHA256)
            } == nil)
        #expect(ERR_peek_error() == 0)
    }

    @Test func aSignatureOfAnotherMessageIsNotVerified() throws {
        let key = try PrivateKey.generate(.ecP256)
        let signature = try key.sign(Self.message, .ecdsaP256SHA256)
        let isVerified = try OpenSSLCommand.verifies(
            signature, of: Self.message + [0], publicKey: try key.publicKey().der, hash: "sha256")
        #expect(!isVerified)
    }

    @Test func aDigestOfTheWrongLengthIsInvalidData() throws {
        let key = try PrivateKey.generate(.ecP256)
        for length in [0, 20, 31, 33, 48, 64] {
            #expect(throws: KeyStoreError(.invalidData, "")) {
                try key.sign(digest: [UInt8](repeating: 1, count: length), .ecdsaP256SHA256)
            }
        }
    }

    @Test func anAlgorithmOfAnotherKeyTypeIsUnsupported() throws {
        for type in [KeyType.ecP256, .ecP384, .rsa(bits: 2048), .ed25519] {
            let key = try PrivateKey.generate(type)
            let foreign = SignatureAlgorithm.all + [SignatureAlgorithm(rawValue: 0x0203)]
            for algorithm in foreign where !type.algorithms.contains(algorithm) {
                #expect(throws: KeyStoreError(.unsupportedMechanism, "")) { try key.sign(Self.message, algorithm) }
                #expect(throws: KeyStoreError(.unsupportedMechanism, "")) {
                    try key.sign(digest: [UInt8](repeating: 1, count: algorithm.hash?.digestLength ?? 32), algorithm)
                }
            }
        }
    }

    @Test func ed25519TakesNoDigest() throws {
        let key = try PrivateKey.generate(.ed25519)
        #expect(throws: KeyStoreError(.unsupportedMechanism, "")) {
            try key.sign(digest: [UInt8](repeating: 1, count: 64), .ed25519)
        }
    }

    @Test(arguments: [0, 512, 1024, 2047, 16385, 1 << 20])
    func anRSASizeOutsideTheLimitsIsNotMade(_ bits: Int) {
        #expect(throws: KeyStoreError(.unsupportedMechanism, "")) { try PrivateKey.generate(.rsa(bits: bits)) }
    }

    @Test(arguments: [HashAlgorithm.sha256, .sha384, .sha512])
    func digestsAreTheOnesThatOpenSSLComputes(_ hash: HashAlgorithm) throws {
        let name = hash.rawValue.lowercased().filter { $0 != "-" }
        for message in [[], Self.message] {
            let digest = try message.withUnsafeBytes { try Digest.compute($0, hash) }
            #expect(digest == (try OpenSSLCommand.run(["dgst", "-\(name)", "-binary"], input: message)))
        }
    }

    @Test func everyReadKeyIsConsistentAndAForgedOneIsNot() throws {
        for fixture in Fixture.all {
            try PrivateKey.reading(fixture.pem, passphrase: Fixture.passphrase).key.checkPair()
        }
        // The public point stands in the last 65 bytes of a SEC1 key.
        let ours = Fixture.convert(["ec", "-outform", "DER"], Fixture.p256)
        let other = Fixture.convert(
            ["ec", "-outform", "DER"], Fixture.genpkey("EC", "ec_paramgen_curve:P-256"))
        let forged = Fixture.convert(["base64"], ours.dropLast(65) + other.suffix(65))
        let frame = ("-----BEGIN EC PRIVATE KEY-----\n", "-----END EC PRIVATE KEY-----\n")
        let key = try PrivateKey.reading(Array(frame.0.utf8) + forged + Array(frame.1.utf8), passphrase: "").key
        #expect(throws: KeyStoreError(.invalidData, "")) { try key.checkPair() }
        #expect(ERR_peek_error() == 0)
    }

    /// RFC 8032 §7.1, test 1.
    @Test func ed25519SignsTheEmptyMessage() throws {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
        let der = bytes("302e020100300506032b657004220420" + seed)
        let pem = Fixture.convert(["pkey", "-inform", "DER"], der)
        let key = try PrivateKey.reading(pem, passphrase: "").key
        let signature = try key.sign(message: UnsafeRawBufferPointer(start: nil, count: 0), using: .ed25519)
        let expected =
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        #expect(signature == bytes(expected))
    }

    private func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).map { index in
            UInt8(hex.dropFirst(index).prefix(2), radix: 16)!
        }
    }
}
