internal import Crypto
internal import CryptoExtras

extension SignatureCheck {
    /// Whether a JWS signature (RFC 7518 §3.1) was made with a key, given as SubjectPublicKeyInfo DER.
    ///
    /// False too for an algorithm that does not fit the key, and for all but ES256, ES384, ES512 and RS256.
    static func isJWS(_ signature: [UInt8], over message: [UInt8], algorithm: String, publicKeyDER: [UInt8]) -> Bool {
        switch algorithm {
        case "ES256":
            guard let key = try? P256.Signing.PublicKey(derRepresentation: publicKeyDER),
                let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: message)
        case "ES384":
            guard let key = try? P384.Signing.PublicKey(derRepresentation: publicKeyDER),
                let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: message)
        case "ES512":
            guard let key = try? P521.Signing.PublicKey(derRepresentation: publicKeyDER),
                let signature = try? P521.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: message)
        case "RS256":
            guard let key = try? _RSA.Signing.PublicKey(derRepresentation: publicKeyDER) else { return false }
            return key.isValidSignature(
                .init(rawRepresentation: signature), for: message, padding: .insecurePKCS1v1_5)
        default: return false
        }
    }
}
