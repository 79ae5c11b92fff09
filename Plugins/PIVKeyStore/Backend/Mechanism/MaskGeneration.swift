import KeyStoreCore
import LibCrypto

/// MGF1 (RFC 8017 §B.2.1).
enum MaskGeneration {
    static func mask(_ seed: [UInt8], _ length: Int, _ hash: HashAlgorithm) throws(KeyStoreError) -> [UInt8] {
        var mask: [UInt8] = []
        var counter: UInt32 = 0
        while mask.count < length {
            let bytes = withUnsafeBytes(of: counter.bigEndian) { Array($0) }
            mask += try Digest.compute(seed + bytes, hash)
            counter += 1
        }
        return Array(mask.prefix(length))
    }
}
