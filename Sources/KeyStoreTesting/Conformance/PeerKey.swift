import Crypto
import FoundationEssentials
import KeyStoreCore

/// The other side of a key agreement.
enum PeerKey {
    case p256(P256.KeyAgreement.PrivateKey)
    case p384(P384.KeyAgreement.PrivateKey)
    case p521(P521.KeyAgreement.PrivateKey)
    case x25519(Curve25519.KeyAgreement.PrivateKey)

    /// A new key of the type, which is one of the four.
    init(_ type: KeyType) throws {
        switch type {
        case .ecP256: self = .p256(.init())
        case .ecP384: self = .p384(.init())
        case .ecP521: self = .p521(.init())
        case .x25519: self = .x25519(.init())
        case .rsa, .ed25519: throw Disproof("\(type) keys derive no secrets")
        }
    }

    var publicKey: PublicKey {
        get throws {
            switch self {
            case .p256(let key): try PublicKey(der: Array(key.publicKey.derRepresentation))
            case .p384(let key): try PublicKey(der: Array(key.publicKey.derRepresentation))
            case .p521(let key): try PublicKey(der: Array(key.publicKey.derRepresentation))
            case .x25519(let key): try PublicKey(der: key.publicKey.subjectPublicKeyInfo)
            }
        }
    }

    /// The x-coordinate of the shared point. Throws for a key of another curve, for a point that is not on it, and for one of
    /// low order.
    func secret(with other: PublicKey) throws -> [UInt8] {
        let secret: SharedSecret =
            switch self {
            case .p256(let key): try key.sharedSecretFromKeyAgreement(with: .init(derRepresentation: other.der))
            case .p384(let key): try key.sharedSecretFromKeyAgreement(with: .init(derRepresentation: other.der))
            case .p521(let key): try key.sharedSecretFromKeyAgreement(with: .init(derRepresentation: other.der))
            case .x25519(let key):
                try key.sharedSecretFromKeyAgreement(with: Curve25519.KeyAgreement.PublicKey(agreeing: other))
            }
        let bytes = secret.withUnsafeBytes { Array($0) }
        // RFC 7748 §6.1, which the crypto library leaves to its callers.
        guard bytes.contains(where: { $0 != 0 }) else { throw Disproof("the other key makes no secret") }
        return bytes
    }
}
