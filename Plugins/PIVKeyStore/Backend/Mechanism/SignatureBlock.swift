import KeyStoreCore
import LibCrypto

/// The block that an RSA key is used on to make a signature. The card pads nothing.
enum SignatureBlock {
    /// The block for a digest, as long as the modulus. Nil where it has no room.
    static func make(
        _ digest: UnsafeRawBufferPointer, _ algorithm: SignatureAlgorithm, _ hash: HashAlgorithm, length: Int
    ) throws(KeyStoreError) -> [UInt8]? {
        algorithm.isRSAPSS ? try pss(digest, hash, length) : pkcs1(digest, hash, length)
    }

    /// EMSA-PKCS1-v1_5 (RFC 8017 §9.2).
    private static func pkcs1(
        _ digest: UnsafeRawBufferPointer, _ hash: HashAlgorithm, _ length: Int
    ) -> [UInt8]? {
        let info = hash.digestInfoPrefix + digest
        guard length >= info.count + 11 else { return nil }
        return [0, 1] + [UInt8](repeating: 0xFF, count: length - info.count - 3) + [0] + info
    }

    /// EMSA-PSS (RFC 8017 §9.1.1) with a salt as long as the digest, for a modulus of whole bytes, whose first bit the block
    /// leaves zero.
    private static func pss(
        _ digest: UnsafeRawBufferPointer, _ hash: HashAlgorithm, _ length: Int
    ) throws(KeyStoreError) -> [UInt8]? {
        let saltLength = hash.digestLength
        guard length >= digest.count + saltLength + 2 else { return nil }
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<saltLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let seed = try Digest.compute([UInt8](repeating: 0, count: 8) + Array(digest) + salt, hash)
        let data = [UInt8](repeating: 0, count: length - seed.count - saltLength - 2) + [1] + salt
        var masked = zip(data, try PaddingHash.sha2(hash).mask(seed, data.count)).map { $0 ^ $1 }
        masked[0] &= 0x7F
        return masked + seed + [0xBC]
    }
}

extension Digest {
    /// The digest of an array's bytes.
    static func compute(_ bytes: [UInt8], _ hash: HashAlgorithm) throws(KeyStoreError) -> [UInt8] {
        try bytes.withRawBytes { bytes throws(KeyStoreError) in try compute(bytes, hash) }
    }
}
