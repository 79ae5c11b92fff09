import KeyStoreCore

/// Takes the padding off what an RSA key has decrypted. Every byte is looked at whatever stands in it, and nothing is decided
/// before the end, so that how long it takes tells nobody where a wrong padding goes wrong (Bleichenbacher's and Manger's
/// attacks).
enum Unpadding {
    /// The message in a block; nil where the padding is wrong.
    static func message(
        in block: [UInt8], _ algorithm: EncryptionAlgorithm
    ) throws(KeyStoreError) -> PIN? {
        let start: Int?
        var data = block
        defer { data.withUnsafeMutableBytes { PIN.wipe($0) } }
        if let hash = PaddingHash(algorithm) {
            start = try oaep(&data, hash)
        } else {
            start = pkcs1(data)
        }
        guard let start else { return nil }
        return try data.withRawBytes { bytes throws(KeyStoreError) in
            try PIN(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
    }

    /// EME-PKCS1-v1_5 (RFC 8017 §7.2.2): 00 02, at least eight bytes that are not zero, 00, the message.
    private static func pkcs1(_ block: [UInt8]) -> Int? {
        guard block.count >= 11 else { return nil }
        var good = isEqual(block[0], 0) & isEqual(block[1], 2)
        var found: UInt32 = 0
        var index: UInt32 = 0
        for position in 2..<block.count {
            let isZero = isEqual(block[position], 0)
            index |= UInt32(position) & ~found & isZero
            found |= isZero
        }
        good &= found & isAtLeast(index, 10)
        return good == 0 ? nil : Int(index) + 1
    }

    /// EME-OAEP (RFC 8017 §7.1.2) with an empty label: 00, the masked seed, the masked data. Unmasks in place.
    private static func oaep(_ block: inout [UInt8], _ hash: PaddingHash) throws(KeyStoreError) -> Int? {
        let dataStart = 1 + hash.length
        guard block.count >= 2 * hash.length + 2 else { return nil }
        let seedMask = try hash.mask(Array(block[dataStart...]), hash.length)
        for (offset, byte) in seedMask.enumerated() { block[1 + offset] ^= byte }
        let dataMask = try hash.mask(Array(block[1..<dataStart]), block.count - dataStart)
        for (offset, byte) in dataMask.enumerated() { block[dataStart + offset] ^= byte }

        var good = isEqual(block[0], 0)
        for (offset, byte) in try hash.digest([]).enumerated() { good &= isEqual(block[dataStart + offset], byte) }
        var found: UInt32 = 0
        var index: UInt32 = 0
        for position in (dataStart + hash.length)..<block.count {
            let (isOne, isZero) = (isEqual(block[position], 1), isEqual(block[position], 0))
            index |= UInt32(position) & ~found & isOne
            // Before the one there are only zeros.
            good &= found | isOne | isZero
            found |= isOne
        }
        good &= found
        return good == 0 ? nil : Int(index) + 1
    }

    /// All bits set where the bytes are equal, none where not.
    private static func isEqual(_ left: UInt8, _ right: UInt8) -> UInt32 {
        let difference = UInt32(left ^ right)
        return UInt32(bitPattern: Int32(bitPattern: (difference &- 1) & ~difference) >> 31)
    }

    /// All bits set where a number is not less than another; both are below 2³¹.
    private static func isAtLeast(_ left: UInt32, _ right: UInt32) -> UInt32 {
        ~UInt32(bitPattern: Int32(bitPattern: left &- right) >> 31)
    }
}
