import Crypto
import CryptoExtras
import FoundationEssentials
import KeyStoreCore

/// What keys in memory do with others' data.
extension InMemoryKey {
    /// What the crypto library decrypts with.
    static let decryptionAlgorithms: [EncryptionAlgorithm] = [.rsaOAEPSHA256, .rsaOAEPSHA1, .rsaPKCS1]

    /// Decrypts with an RSA key. Throws what the crypto library throws for a ciphertext that is wrong.
    func decrypt(_ ciphertext: [UInt8], using algorithm: EncryptionAlgorithm) throws -> [UInt8] {
        guard case .rsa(let key) = self else { throw Disproof("only RSA keys decrypt") }
        let padding: _RSA.Encryption.Padding =
            switch algorithm {
            case .rsaOAEPSHA256: .PKCS1_OAEP_SHA256
            case .rsaOAEPSHA1: .PKCS1_OAEP
            default: ._WEAK_AND_INSECURE_PKCS_V1_5
            }
        let decrypting = try _RSA.Encryption.PrivateKey(derRepresentation: key.derRepresentation)
        return Array(try decrypting.decrypt(ciphertext, padding: padding))
    }

    /// Derives the secret that is shared with the owner of another key of the same type.
    func sharedSecret(with peer: PublicKey) throws -> [UInt8] {
        let key: PeerKey =
            switch self {
            case .p256(let key): .p256(try .init(rawRepresentation: key.rawRepresentation))
            case .p384(let key): .p384(try .init(rawRepresentation: key.rawRepresentation))
            case .p521(let key): .p521(try .init(rawRepresentation: key.rawRepresentation))
            case .x25519(let key): .x25519(key)
            case .rsa, .ed25519: throw Disproof("keys that sign with RSA or Ed25519 derive no secrets")
            }
        return try key.secret(with: peer)
    }
}
