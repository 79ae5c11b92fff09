import KeyStoreCore
import X509

extension SignatureAlgorithm {
    /// The same algorithm as swift-certificates names it; nil for those that it has no name for.
    var certificateAlgorithm: Certificate.SignatureAlgorithm? {
        switch self {
        case .ecdsaP256SHA256: .ecdsaWithSHA256
        case .ecdsaP384SHA384: .ecdsaWithSHA384
        case .ecdsaP521SHA512: .ecdsaWithSHA512
        case .rsaPKCS1SHA256: .sha256WithRSAEncryption
        case .rsaPKCS1SHA384: .sha384WithRSAEncryption
        case .rsaPKCS1SHA512: .sha512WithRSAEncryption
        case .ed25519: .ed25519
        default: nil
        }
    }
}
