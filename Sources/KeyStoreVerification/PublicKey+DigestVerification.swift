import Crypto
import CryptoExtras
public import KeyStoreCore

extension PublicKey {
    /// Whether the signature was made over this message, or over the message of this digest, by the private key of this
    /// public key. Ed25519 signs no digests, so nothing verifies there. Otherwise as for a message.
    public func isValidSignature(
        _ signature: [UInt8], of input: SigningInput, using algorithm: SignatureAlgorithm
    ) -> Bool {
        switch input {
        case .message(let message): return isValidSignature(signature, of: message, using: algorithm)
        case .digest(let digest):
            guard type.algorithms.contains(algorithm), digest.count == algorithm.hash?.digestLength else {
                return false
            }
            switch algorithm.hash {
            case .sha256: return isValid(signature, Self.digest(digest, SHA256Digest.self), using: algorithm)
            case .sha384: return isValid(signature, Self.digest(digest, SHA384Digest.self), using: algorithm)
            case .sha512: return isValid(signature, Self.digest(digest, SHA512Digest.self), using: algorithm)
            case nil: return false
            }
        }
    }

    private func isValid<Value: Digest>(_ signature: [UInt8], _ digest: Value?, using algorithm: SignatureAlgorithm)
        -> Bool
    {
        guard let digest else { return false }
        do {
            switch type {
            case .ecP256:
                return try P256.Signing.PublicKey(derRepresentation: der).isValidSignature(
                    P256.Signing.ECDSASignature(derRepresentation: signature), for: digest)
            case .ecP384:
                return try P384.Signing.PublicKey(derRepresentation: der).isValidSignature(
                    P384.Signing.ECDSASignature(derRepresentation: signature), for: digest)
            case .ecP521:
                return try P521.Signing.PublicKey(derRepresentation: der).isValidSignature(
                    P521.Signing.ECDSASignature(derRepresentation: signature), for: digest)
            case .rsa:
                return try _RSA.Signing.PublicKey(unsafeDERRepresentation: der).isValidSignature(
                    _RSA.Signing.RSASignature(rawRepresentation: signature), for: digest,
                    padding: algorithm.isRSAPSS ? .PSS : .insecurePKCS1v1_5)
            case .ed25519, .x25519: return false
            }
        } catch {
            return false
        }
    }

    /// swift-crypto makes digests only by hashing, and its RSA takes no other type. A digest is its bytes and nothing else;
    /// that it reads back as those is checked, and where it does not, nothing verifies.
    private static func digest<Value: Digest>(_ bytes: [UInt8], _: Value.Type) -> Value? {
        guard MemoryLayout<Value>.size == bytes.count, Value.byteCount == bytes.count else { return nil }
        let value = bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
        return value.elementsEqual(bytes) ? value : nil
    }
}
