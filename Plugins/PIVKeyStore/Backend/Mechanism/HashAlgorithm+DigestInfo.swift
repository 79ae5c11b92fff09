import KeyStoreCore

extension HashAlgorithm {
    /// What stands before the digest in a DigestInfo (RFC 8017 §9.2, note 1): the hashes differ in the last byte of
    /// 2.16.840.1.101.3.4.2.x and in their lengths.
    var digestInfoPrefix: [UInt8] {
        let identifier: UInt8 =
            switch self {
            case .sha256: 1
            case .sha384: 2
            case .sha512: 3
            }
        let length = UInt8(digestLength)
        return [0x30, 17 + length, 0x30, 0x0D, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, identifier, 5, 0, 4, length]
    }
}
