import KeyStoreCore
import LibCrypto

/// A hash within a padding.
enum PaddingHash {
    case sha1
    case sha2(HashAlgorithm)

    /// The hash of an OAEP algorithm; nil for what is no OAEP.
    init?(_ algorithm: EncryptionAlgorithm) {
        switch algorithm {
        case .rsaOAEPSHA1: self = .sha1
        case .rsaOAEPSHA256: self = .sha2(.sha256)
        case .rsaOAEPSHA384: self = .sha2(.sha384)
        case .rsaOAEPSHA512: self = .sha2(.sha512)
        default: return nil
        }
    }

    var length: Int {
        switch self {
        case .sha1: 20
        case .sha2(let hash): hash.digestLength
        }
    }

    func digest(_ bytes: [UInt8]) throws(KeyStoreError) -> [UInt8] {
        switch self {
        case .sha1: try Digest.computeSHA1(bytes)
        case .sha2(let hash): try Digest.compute(bytes, hash)
        }
    }

    /// MGF1 (RFC 8017 §B.2.1).
    func mask(_ seed: [UInt8], _ length: Int) throws(KeyStoreError) -> [UInt8] {
        var mask: [UInt8] = []
        var counter: UInt32 = 0
        while mask.count < length {
            mask += try digest(seed + withUnsafeBytes(of: counter.bigEndian) { Array($0) })
            counter += 1
        }
        return Array(mask.prefix(length))
    }
}
