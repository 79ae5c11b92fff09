import KeyStoreCore
import LibCrypto
import OpenSSL
import Testing

/// Each key is put together again from its numbers alone, and OpenSSL says whether it is the same.
@Suite struct ComponentsTests {
    @Test func anRSAKeyCanBePutTogetherAgain() throws {
        let key = try PrivateKey.reading(Fixture.rsa, passphrase: "").key
        guard case .rsa(let parts) = try key.components() else {
            Issue.record("not an RSA key")
            return
        }
        let secrets = [
            parts.privateExponent, parts.prime1, parts.prime2, parts.exponent1, parts.exponent2, parts.coefficient,
        ]
        let numbers = [[0], parts.modulus, parts.publicExponent] + secrets.map(\.bytes)
        let der = tagged(0x30, numbers.flatMap { tagged(2, ($0[0] >= 0x80 ? [0] : []) + $0) })
        let check = try OpenSSLCommand.run(["rsa", "-inform", "DER", "-check", "-noout"], input: der)
        #expect(String(decoding: check, as: UTF8.self).contains("RSA key ok"))
        #expect(der == Fixture.convert(["rsa", "-traditional", "-outform", "DER"], Fixture.rsa))
    }

    @Test(arguments: [KeyType.ecP256, .ecP384, .ecP521])
    func anECKeyCanBePutTogetherAgain(_ type: KeyType) throws {
        // Enough keys that some have a scalar with leading zeros, P-521's most often.
        for _ in 0..<8 {
            let key = try PrivateKey.generate(type)
            guard case .ec(let parts) = try key.components() else {
                Issue.record("not an EC key")
                return
            }
            let length = [.ecP256: 32, .ecP384: 48, .ecP521: 66][type]!
            #expect(parts.scalar.count == length)
            let der = tagged(0x30, tagged(2, [1]) + tagged(4, parts.scalar.bytes) + tagged(0xA0, parts.curve))
            let derived = try OpenSSLCommand.run(
                ["pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input: der)
            #expect(try derived == key.publicKey().der)
            #expect(try Array(key.publicKey().der.suffix(2 * length + 1)) == parts.point)
        }
    }

    @Test func anX25519KeyCanBePutTogetherAgain() throws {
        let pem = try OpenSSLCommand.run(["genpkey", "-algorithm", "X25519"])
        let key = try PrivateKey.reading(pem, passphrase: "").key
        guard case .x25519(let parts) = try key.components() else {
            Issue.record("not an X25519 key")
            return
        }
        // RFC 8410 §7 and §4: a fixed beginning, then the 32 bytes.
        let der = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x6E, 4, 0x22, 4, 0x20] + parts.scalar.bytes
        #expect(try der == OpenSSLCommand.run(["pkey", "-outform", "DER"], input: pem))
        #expect(try key.publicKey().der == [0x30, 0x2A, 0x30, 5, 6, 3, 0x2B, 0x65, 0x6E, 3, 0x21, 0] + parts.publicKey)
        #expect(key.type == .x25519)
        try key.checkPair()
    }

    /// Every encoding of a point of low order, above the prime too (RFC 7748 §6.1; the numbers follow from the curve's
    /// equation).
    @Test func onlyX25519KeysThatSecretsAreMadeWithAreOnTheirCurve() throws {
        let prime: [UInt8] = [0xED] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]
        let zeros = [UInt8](repeating: 0, count: 31)
        var low: [[UInt8]] = [[0] + zeros, [1] + zeros]
        for last: UInt8 in [0xEC, 0xED, 0xEE] { low.append([last] + prime.dropFirst()) }
        // The same numbers with the bit set that is not looked at.
        low += low.map { $0.dropLast() + [$0[31] | 0x80] }
        func key(_ bytes: [UInt8]) throws -> PublicKey {
            try PublicKey(der: [0x30, 0x2A, 0x30, 5, 6, 3, 0x2B, 0x65, 0x6E, 3, 0x21, 0] + bytes)
        }
        for bytes in low { #expect(try !key(bytes).isOnItsCurve(), "\(bytes)") }
        #expect(try key([9] + zeros).isOnItsCurve())
        #expect(try PrivateKey.generate(.x25519).publicKey().isOnItsCurve())
    }

    @Test func anEd25519KeyCanBePutTogetherAgain() throws {
        let key = try PrivateKey.reading(Fixture.ed25519, passphrase: "").key
        guard case .ed25519(let parts) = try key.components() else {
            Issue.record("not an Ed25519 key")
            return
        }
        let algorithm = tagged(0x30, [6, 3, 0x2B, 0x65, 0x70])
        let der = tagged(0x30, tagged(2, [0]) + algorithm + tagged(4, tagged(4, parts.seed.bytes)))
        #expect(der == Fixture.convert(["pkey", "-outform", "DER"], Fixture.ed25519))
        #expect(try Array(key.publicKey().der.suffix(32)) == parts.publicKey)
    }

    @Test func anRSAKeyWithThreePrimesSignsAndIsNotTakenApart() throws {
        let pem = Fixture.convert(
            ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt", "rsa_keygen_primes:3"], [])
        let key = try PrivateKey.reading(pem, passphrase: "").key
        try key.checkPair()
        #expect(throws: KeyStoreError(.unsupportedMechanism, "")) { _ = try key.components() }
    }

    @Test func secretNumbersPrintAsAMask() throws {
        guard case .ed25519(let parts) = try PrivateKey.generate(.ed25519).components() else {
            Issue.record("not an Ed25519 key")
            return
        }
        #expect("\(parts.seed)" == "SecretBytes(***)")
        var dumped = ""
        dump(parts.seed, to: &dumped)
        #expect(!dumped.contains("storage"))
    }

    private func tagged(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
        let length = contents.count
        let encoded: [UInt8] =
            length < 0x80
            ? [UInt8(length)]
            : length < 0x100 ? [0x81, UInt8(length)] : [0x82, UInt8(length >> 8), UInt8(length & 0xFF)]
        return [tag] + encoded + contents
    }
}

extension SecretBytes {
    var bytes: [UInt8] { withBytes { Array($0) } }
}
