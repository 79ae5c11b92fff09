import CP11Kit
import KeyStoreCore

extension HashAlgorithm {
    /// What stands before the digest in a DigestInfo (RFC 8017 §9.2, note 1).
    var digestInfoPrefix: [UInt8] {
        switch self {
        case .sha256: Self.sha256Prefix
        case .sha384: Self.sha384Prefix
        case .sha512: Self.sha512Prefix
        }
    }

    /// RSASSA-PSS with the same hash in MGF1 and a salt as long as the digest, as TLS wants it (RFC 8446 §4.2.3).
    var pssParameters: CK_RSA_PKCS_PSS_PARAMS {
        switch self {
        case .sha256: CK_RSA_PKCS_PSS_PARAMS(hashAlg: CKM_SHA256, mgf: CKG_MGF1_SHA256, sLen: 32)
        case .sha384: CK_RSA_PKCS_PSS_PARAMS(hashAlg: CKM_SHA384, mgf: CKG_MGF1_SHA384, sLen: 48)
        case .sha512: CK_RSA_PKCS_PSS_PARAMS(hashAlg: CKM_SHA512, mgf: CKG_MGF1_SHA512, sLen: 64)
        }
    }

    private static let sha256Prefix = digestInfoPrefix(identifier: 1, length: 32)
    private static let sha384Prefix = digestInfoPrefix(identifier: 2, length: 48)
    private static let sha512Prefix = digestInfoPrefix(identifier: 3, length: 64)

    /// The three hashes differ in the last byte of 2.16.840.1.101.3.4.2.x and in their lengths.
    private static func digestInfoPrefix(identifier: UInt8, length: UInt8) -> [UInt8] {
        [
            0x30, 17 + length, 0x30, 0x0D, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, identifier, 5, 0, 4, length,
        ]
    }
}
