import Crypto
import CryptoExtras
import KeyStoreCore
import SwiftASN1

/// A private key in memory, of any type that the library knows.
enum InMemoryKey: Sendable {
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case ed25519(Curve25519.Signing.PrivateKey)
    case x25519(Curve25519.KeyAgreement.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)

    /// Makes a key.
    static func generate(_ type: KeyType) throws -> InMemoryKey {
        switch type {
        case .ecP256: .p256(.init())
        case .ecP384: .p384(.init())
        case .ecP521: .p521(.init())
        case .ed25519: .ed25519(.init())
        case .x25519: .x25519(.init())
        case .rsa(let bits): .rsa(try .init(keySize: .init(bitCount: bits)))
        }
    }

    /// What stands before the seed in a PKCS#8 DER of an Ed25519 key (RFC 8410 §7).
    private static let ed25519Prefix: [UInt8] = [
        0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ]

    /// The same for an X25519 key.
    private static let x25519Prefix: [UInt8] = [
        0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x6E, 4, 0x22, 4, 0x20,
    ]

    /// Reads an unencrypted PKCS#8 PEM text. nil for any other.
    init?(pem: String) {
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) {
            self = .p256(key)
        } else if let key = try? P384.Signing.PrivateKey(pemRepresentation: pem) {
            self = .p384(key)
        } else if let key = try? P521.Signing.PrivateKey(pemRepresentation: pem) {
            self = .p521(key)
        } else if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) {
            self = .rsa(key)
        } else if let document = try? PEMDocument(pemString: pem), document.derBytes.starts(with: Self.ed25519Prefix),
            let key = try? Curve25519.Signing.PrivateKey(
                rawRepresentation: document.derBytes.dropFirst(Self.ed25519Prefix.count))
        {
            self = .ed25519(key)
        } else if let document = try? PEMDocument(pemString: pem), document.derBytes.starts(with: Self.x25519Prefix),
            let key = try? Curve25519.KeyAgreement.PrivateKey(
                rawRepresentation: document.derBytes.dropFirst(Self.x25519Prefix.count))
        {
            self = .x25519(key)
        } else {
            return nil
        }
    }

    /// An unencrypted PEM text of the key.
    var pem: String {
        switch self {
        case .p256(let key): key.pemRepresentation
        case .p384(let key): key.pemRepresentation
        case .p521(let key): key.pemRepresentation
        case .rsa(let key): key.pemRepresentation
        case .ed25519(let key):
            PEMDocument(type: "PRIVATE KEY", derBytes: Self.ed25519Prefix + key.rawRepresentation).pemString
        case .x25519(let key):
            PEMDocument(type: "PRIVATE KEY", derBytes: Self.x25519Prefix + key.rawRepresentation).pemString
        }
    }

    /// The SubjectPublicKeyInfo, DER.
    var publicKeyDER: [UInt8] {
        switch self {
        case .p256(let key): Array(key.publicKey.derRepresentation)
        case .p384(let key): Array(key.publicKey.derRepresentation)
        case .p521(let key): Array(key.publicKey.derRepresentation)
        case .rsa(let key): Array(key.publicKey.derRepresentation)
        // RFC 8410 §4: a fixed beginning, then the key.
        case .ed25519(let key):
            [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00] + key.publicKey.rawRepresentation
        case .x25519(let key): key.publicKey.subjectPublicKeyInfo
        }
    }

    /// Signs a message. The algorithm fits the key.
    func signature(of message: some Collection<UInt8>, using algorithm: SignatureAlgorithm) throws -> [UInt8] {
        let message = Array(message)
        switch algorithm.hash {
        case .sha256: return try signature(of: SHA256.hash(data: message), message: message, using: algorithm)
        case .sha384: return try signature(of: SHA384.hash(data: message), message: message, using: algorithm)
        default: return try signature(of: SHA512.hash(data: message), message: message, using: algorithm)
        }
    }

    /// Signs a digest, or for Ed25519 the message.
    private func signature(
        of digest: some Digest, message: [UInt8], using algorithm: SignatureAlgorithm
    ) throws -> [UInt8] {
        switch self {
        case .p256(let key): Array(try key.signature(for: digest).derRepresentation)
        case .p384(let key): Array(try key.signature(for: digest).derRepresentation)
        case .p521(let key): Array(try key.signature(for: digest).derRepresentation)
        case .ed25519(let key): Array(try key.signature(for: message))
        case .x25519: throw Disproof("X25519 keys sign nothing")
        case .rsa(let key):
            Array(
                try key.signature(for: digest, padding: algorithm.isRSAPSS ? .PSS : .insecurePKCS1v1_5)
                    .rawRepresentation)
        }
    }
}
