internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials
internal import SwiftASN1

/// A private key of the controller's PKI: it signs certificates, and as the server's key also the enrollment JWTs.
enum SigningKey: Sendable {
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)

    /// Makes a new key.
    init(_ type: ServerKeyType) throws {
        switch type {
        case .p256: self = .p256(P256.Signing.PrivateKey())
        case .p384: self = .p384(P384.Signing.PrivateKey())
        case .p521: self = .p521(P521.Signing.PrivateKey())
        case .rsa2048: self = .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048))
        }
    }

    /// Reads a key that `pem` has written.
    init(_ type: ServerKeyType, pem: String) throws {
        switch type {
        case .p256: self = .p256(try P256.Signing.PrivateKey(pemRepresentation: pem))
        case .p384: self = .p384(try P384.Signing.PrivateKey(pemRepresentation: pem))
        case .p521: self = .p521(try P521.Signing.PrivateKey(pemRepresentation: pem))
        case .rsa2048: self = .rsa(try _RSA.Signing.PrivateKey(pemRepresentation: pem))
        }
    }

    /// The private key in PEM, unencrypted.
    var pem: String {
        switch self {
        case .p256(let key): key.pemRepresentation
        case .p384(let key): key.pemRepresentation
        case .p521(let key): key.pemRepresentation
        case .rsa(let key): key.pemRepresentation
        }
    }

    /// The public key as SubjectPublicKeyInfo DER.
    var publicKeyDER: [UInt8] {
        switch self {
        case .p256(let key): Array(key.publicKey.derRepresentation)
        case .p384(let key): Array(key.publicKey.derRepresentation)
        case .p521(let key): Array(key.publicKey.derRepresentation)
        case .rsa(let key): Array(key.publicKey.derRepresentation)
        }
    }

    /// The `alg` of a JWT this key signs (RFC 7518 §3.1).
    var jwtAlgorithm: String {
        switch self {
        case .p256: "ES256"
        case .p384: "ES384"
        case .p521: "ES512"
        case .rsa: "RS256"
        }
    }

    /// A JWS signature: r and s one after the other for an EC key (RFC 7518 §3.4), PKCS#1 v1.5 for RSA.
    func jwtSignature(of message: [UInt8]) throws -> [UInt8] {
        switch self {
        case .p256(let key): Array(try key.signature(for: message).rawRepresentation)
        case .p384(let key): Array(try key.signature(for: message).rawRepresentation)
        case .p521(let key): Array(try key.signature(for: message).rawRepresentation)
        case .rsa(let key): Array(try key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation)
        }
    }

    /// A signature as certificates hold it: DER for an EC key, with the digest that fits the curve.
    func certificateSignature(of message: [UInt8]) throws -> [UInt8] {
        switch self {
        case .p256(let key): Array(try key.signature(for: message).derRepresentation)
        case .p384(let key): Array(try key.signature(for: message).derRepresentation)
        case .p521(let key): Array(try key.signature(for: message).derRepresentation)
        case .rsa(let key): Array(try key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation)
        }
    }

    /// The AlgorithmIdentifier, in DER, of what `certificateSignature` makes.
    var certificateAlgorithmDER: [UInt8] {
        get throws {
            var serializer = DER.Serializer()
            try serializer.appendConstructedNode(identifier: .sequence) { serializer in
                switch self {
                case .p256: try serializer.serialize(SignatureOID.ecdsaSHA256)
                case .p384: try serializer.serialize(SignatureOID.ecdsaSHA384)
                case .p521: try serializer.serialize(SignatureOID.ecdsaSHA512)
                case .rsa:
                    try serializer.serialize(SignatureOID.rsaSHA256)
                    try serializer.serialize(ASN1Null())
                }
            }
            return serializer.serializedBytes
        }
    }
}
