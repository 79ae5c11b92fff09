public import KeyStoreCore
import Crypto
import CryptoExtras

extension PublicKey {
    /// SHA-256 of the SubjectPublicKeyInfo, 32 bytes: the same for a key wherever it is stored.
    public var sha256Fingerprint: [UInt8] { Array(SHA256.hash(data: der)) }

    /// Whether the signature was made over this message by the private key of this public key. ECDSA signatures are DER, as
    /// everywhere in this library. False, too, where the algorithm does not fit the key or the key is malformed.
    public func isValidSignature(
        _ signature: [UInt8], of message: [UInt8], using algorithm: SignatureAlgorithm
    ) -> Bool {
        guard type.algorithms.contains(algorithm) else { return false }
        do {
            switch type {
            case .ecP256:
                return try P256.Signing.PublicKey(derRepresentation: der).isValidSignature(
                    P256.Signing.ECDSASignature(derRepresentation: signature), for: SHA256.hash(data: message))
            case .ecP384:
                return try P384.Signing.PublicKey(derRepresentation: der).isValidSignature(
                    P384.Signing.ECDSASignature(derRepresentation: signature), for: SHA384.hash(data: message))
            case .ecP521:
                return try P521.Signing.PublicKey(derRepresentation: der).isValidSignature(
                    P521.Signing.ECDSASignature(derRepresentation: signature), for: SHA512.hash(data: message))
            case .ed25519:
                // Its SubjectPublicKeyInfo has one form (RFC 8410 §4), of which the last 32 bytes are the key.
                return try Curve25519.Signing.PublicKey(rawRepresentation: der.suffix(32))
                    .isValidSignature(signature, for: message)
            case .x25519: return false
            case .rsa:
                return try isValidRSASignature(signature, of: message, using: algorithm)
            }
        } catch {
            return false
        }
    }

    private func isValidRSASignature(
        _ signature: [UInt8], of message: [UInt8], using algorithm: SignatureAlgorithm
    ) throws -> Bool {
        // "Unsafe" admits moduli from 1024 bits on: whether a short key may be used is not decided here.
        let key = try _RSA.Signing.PublicKey(unsafeDERRepresentation: der)
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        let padding: _RSA.Signing.Padding = algorithm.isRSAPSS ? .PSS : .insecurePKCS1v1_5
        return switch algorithm.hash {
        case .sha256: key.isValidSignature(signature, for: SHA256.hash(data: message), padding: padding)
        case .sha384: key.isValidSignature(signature, for: SHA384.hash(data: message), padding: padding)
        case .sha512: key.isValidSignature(signature, for: SHA512.hash(data: message), padding: padding)
        case nil: false
        }
    }
}
