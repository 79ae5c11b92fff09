import CP11Kit
import KeyStoreCore

/// The hash of an OAEP encryption, which is the hash in its MGF1 too. SHA-1 is among them, because it is what OAEP means where
/// nothing is said, and the only one that several modules take; its weakness does not matter here (RFC 8017 §B.1).
enum OAEPHash {
    case sha1
    case sha256
    case sha384
    case sha512

    /// Nil for an algorithm that is not OAEP.
    init?(_ algorithm: EncryptionAlgorithm) {
        switch algorithm {
        case .rsaOAEPSHA1: self = .sha1
        case .rsaOAEPSHA256: self = .sha256
        case .rsaOAEPSHA384: self = .sha384
        case .rsaOAEPSHA512: self = .sha512
        default: return nil
        }
    }

    /// The digest's length in bytes.
    var length: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The mechanism's parameters, with an empty label.
    var parameters: CK_RSA_PKCS_OAEP_PARAMS {
        let (hash, mask) =
            switch self {
            case .sha1: (CKM_SHA_1, CKG_MGF1_SHA1)
            case .sha256: (CKM_SHA256, CKG_MGF1_SHA256)
            case .sha384: (CKM_SHA384, CKG_MGF1_SHA384)
            case .sha512: (CKM_SHA512, CKG_MGF1_SHA512)
            }
        return CK_RSA_PKCS_OAEP_PARAMS(
            hashAlg: hash, mgf: mask, source: CKZ_DATA_SPECIFIED, pSourceData: nil, ulSourceDataLen: 0)
    }
}
