import Crypto
import FoundationEssentials
import KeyStoreCore

/// The other side of a key agreement.
enum PeerKey {
    case p256(P256.KeyAgreement.PrivateKey)
    case p384(P384.KeyAgreement.PrivateKey)
    case p521(P521.KeyAgreement.PrivateKey)

    /// A new key of the type, which is one of the three.
    init(_ type: KeyType) throws {
        switch type {
        case .ecP256: self = .p256(.init())
        case .ecP384: self = .p384(.init())
        case .ecP521: self = .p521(.init())
        case .rsa, .ed25519: throw Disproof("\(type) keys derive no secrets")
        }
    }

    var publicKey: PublicKey {
        get throws {
            switch self {
            case .p256(let key): try PublicKey(der: Array(key.publicKey.derRepresentation))
            case .p384(let key): try PublicKey(der: Array(key.publicKey.derRepresentation))
            case .p521(let key): try PublicKey(der: Array(key.publicKey.derRepresentation))
            }
        }
    }

    /// The x-coordinate of the shared point. Throws for a key of another curve, and for a point that is not on it.
    func secret(with other: PublicKey) throws -> [UInt8] {
        let secret: SharedSecret =
            switch self {
            case .p256(let key): try key.sharedSecretFromKeyAgreement(with: .init(derRepresentation: other.der))
            case .p384(let key): try key.sharedSecretFromKeyAgreement(with: .init(derRepresentation: other.der))
            case .p521(let key): try key.sharedSecretFromKeyAgreement(with: .init(derRepresentation: other.der))
            }
        return secret.withUnsafeBytes { Array($0) }
    }
}
