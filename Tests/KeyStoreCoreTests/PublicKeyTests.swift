import KeyStoreCore
import Testing

/// SubjectPublicKeyInfo written here by hand, so that nothing but the reader under test says what it is.
struct PublicKeyTests {
    private static let ecPublicKey: [UInt8] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
    private static let p256: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    private static let p384: [UInt8] = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]
    private static let p521: [UInt8] = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23]
    private static let secp256k1: [UInt8] = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A]
    private static let rsa: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
    private static let ed25519: [UInt8] = [0x06, 0x03, 0x2B, 0x65, 0x70]
    private static let x25519: [UInt8] = [0x06, 0x03, 0x2B, 0x65, 0x6E]
    private static let null: [UInt8] = [0x05, 0x00]
    private static let exponent: [UInt8] = [0x02, 0x03, 0x01, 0x00, 0x01]

    private static func value(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
        let count = contents.count
        let length: [UInt8] =
            count < 128
            ? [UInt8(count)] : count < 256 ? [0x81, UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 255)]
        return [tag] + length + contents
    }

    private static func info(_ algorithm: [UInt8], _ key: [UInt8], unused: UInt8 = 0) -> [UInt8] {
        value(0x30, value(0x30, algorithm) + value(0x03, [unused] + key))
    }

    private static func point(_ length: Int) -> [UInt8] { [4] + [UInt8](repeating: 7, count: length - 1) }

    private static func rsaKey(bits: Int, exponent: [UInt8] = exponent) -> [UInt8] {
        var modulus = [UInt8](repeating: 0xFF, count: (bits + 7) / 8)
        modulus[0] >>= UInt8(modulus.count * 8 - bits)
        if modulus[0] >= 0x80 { modulus.insert(0, at: 0) }
        return value(0x30, value(0x02, modulus) + exponent)
    }

    private static let examples: [(KeyType, [UInt8])] = [
        (.ecP256, info(ecPublicKey + p256, point(65))), (.ecP384, info(ecPublicKey + p384, point(97))),
        (.ecP521, info(ecPublicKey + p521, point(133))), (.ed25519, info(ed25519, [UInt8](repeating: 9, count: 32))),
        (.x25519, info(x25519, [UInt8](repeating: 9, count: 32))),
        (.rsa(bits: 2048), info(rsa + null, rsaKey(bits: 2048))),
        (.rsa(bits: 3072), info(rsa + null, rsaKey(bits: 3072))),
        (.rsa(bits: 4096), info(rsa + null, rsaKey(bits: 4096))), (.rsa(bits: 2047), info(rsa, rsaKey(bits: 2047))),
    ]

    @Test(arguments: examples)
    func theTypeIsReadFromTheKey(_ type: KeyType, _ der: [UInt8]) throws {
        let key = try PublicKey(der: der)
        #expect(key.type == type)
        #expect(key.der == der)
    }

    @Test(arguments: examples)
    func aKeyCutAnywhereIsInvalid(_ type: KeyType, _ der: [UInt8]) {
        for length in 0..<der.count {
            #expect(throws: KeyStoreError(.invalidReply, "")) { try PublicKey(der: Array(der.prefix(length))) }
        }
        #expect(throws: KeyStoreError(.invalidReply, "")) { try PublicKey(der: der + [0]) }
    }

    @Test(arguments: [
        info(ecPublicKey + p256, point(64)), info(ecPublicKey + p256, point(66)), info(ecPublicKey + p384, point(65)),
        info(ecPublicKey + p256, [2] + point(65).dropFirst()), info(ecPublicKey + p256, []),
        info(ecPublicKey, point(65)),
        info(ecPublicKey + p256 + null, point(65)), info(ecPublicKey + p256, point(65), unused: 1),
        info(ed25519, [UInt8](repeating: 9, count: 31)), info(ed25519 + null, [UInt8](repeating: 9, count: 32)),
        info(x25519, [UInt8](repeating: 9, count: 33)), info(x25519 + null, [UInt8](repeating: 9, count: 32)),
        info(rsa + null + null, rsaKey(bits: 2048)), info(rsa + [0x05, 0x01, 0x00], rsaKey(bits: 2048)),
        info(rsa + null, rsaKey(bits: 2048) + [0]), info(rsa + null, []),
        // A modulus that is negative, zero, missing, or longer than it needs to be; an exponent that is.
        info(rsa + null, value(0x30, value(0x02, [0x80, 1]) + exponent)),
        info(rsa + null, value(0x30, value(0x02, [0]) + exponent)),
        info(rsa + null, value(0x30, value(0x02, []) + exponent)), info(rsa + null, value(0x30, exponent)),
        info(rsa + null, value(0x30, value(0x02, [0, 0x7F]) + exponent)),
        info(rsa + null, rsaKey(bits: 2048, exponent: [2, 1, 0x81])),
        info(rsa + null, rsaKey(bits: 2048, exponent: exponent + exponent)), value(0x30, info(ed25519, point(32))),
        // Lengths that are not in their shortest form, or indefinite, or longer than anything.
        [0x30, 0x81, 0x05], [0x30, 0x80, 0, 0], [0x30, 0x82, 0x00, 0x85], [0x30, 0x83, 0, 0, 1], [0x30, 0xFF],
        [UInt8](repeating: 0x30, count: PublicKey.maximumLength + 1),
    ])
    func aMalformedKeyIsInvalid(_ der: [UInt8]) {
        #expect(throws: KeyStoreError(.invalidReply, "")) { try PublicKey(der: der) }
    }

    @Test(arguments: [info(ecPublicKey + secp256k1, point(65)), info([0x06, 0x03, 0x2B, 0x65, 0x6F], point(32))])
    func aKeyOfAnotherKindIsUnsupported(_ der: [UInt8]) {
        #expect(throws: KeyStoreError(.unsupportedMechanism, "")) { try PublicKey(der: der) }
    }

    @Test func randomBytesAndRandomChangesAreReadOrRefusedButNeverTrap() {
        var random = SplitMix(state: 4711)
        for round in 0..<20_000 {
            var der = Self.examples[round % Self.examples.count].1
            if round % 4 == 0 {
                der = (0..<Int.random(in: 0...200, using: &random)).map { _ in .random(in: 0...255, using: &random) }
            } else {
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    der[Int.random(in: 0..<der.count, using: &random)] = .random(in: 0...255, using: &random)
                }
            }
            do throws(KeyStoreError) {
                let key = try PublicKey(der: der)
                #expect(key.der == der)
            } catch {
                #expect(error.code == .invalidReply || error.code == .unsupportedMechanism)
            }
        }
    }
}

/// The same numbers in each run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
