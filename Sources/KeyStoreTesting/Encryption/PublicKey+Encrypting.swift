import Crypto
import CryptoExtras
import KeyStoreCore

/// What somebody who has the public key does before a private key decrypts (RFC 8017 §7).
extension PublicKey {
    /// Encrypts to an RSA key. Throws what the crypto library throws for what is none.
    func encrypt(_ message: [UInt8], using algorithm: EncryptionAlgorithm) throws -> [UInt8] {
        let numbers = try _RSA.Encryption.PublicKey(derRepresentation: der).getKeyPrimitives()
        let operation = RSAPublicOperation(
            modulus: Array(numbers.modulus), exponent: Array(numbers.publicExponent))
        return operation(Self.encode(message, operation.length, algorithm))
    }

    /// How long a message the algorithm takes, for a modulus of so many bytes.
    static func maximumMessageLength(_ length: Int, _ algorithm: EncryptionAlgorithm) -> Int {
        hash(of: algorithm).map { length - 2 * $0.length - 2 } ?? length - 11
    }

    private static func encode(_ message: [UInt8], _ length: Int, _ algorithm: EncryptionAlgorithm) -> [UInt8] {
        guard let (digestLength, digest) = hash(of: algorithm) else {
            let padding = (0..<(length - message.count - 3)).map { _ in UInt8.random(in: 1...255) }
            return [0, 2] + padding + [0] + message
        }
        let zeros = [UInt8](repeating: 0, count: length - message.count - 2 * digestLength - 2)
        let block = digest([]) + zeros + [1] + message
        let seed = (0..<digestLength).map { _ in UInt8.random(in: .min ... .max) }
        let maskedBlock = zip(block, mask(seed, block.count, digest)).map { $0 ^ $1 }
        let maskedSeed = zip(seed, mask(maskedBlock, digestLength, digest)).map { $0 ^ $1 }
        return [0] + maskedSeed + maskedBlock
    }

    /// MGF1 (RFC 8017 §B.2.1).
    private static func mask(_ seed: [UInt8], _ length: Int, _ digest: ([UInt8]) -> [UInt8]) -> [UInt8] {
        var mask: [UInt8] = []
        var counter: UInt8 = 0
        while mask.count < length {
            mask += digest(seed + [0, 0, 0, counter])
            counter += 1
        }
        return Array(mask.prefix(length))
    }

    private static func hash(of algorithm: EncryptionAlgorithm) -> (length: Int, digest: ([UInt8]) -> [UInt8])? {
        switch algorithm {
        case .rsaOAEPSHA1: (20, { Array(Insecure.SHA1.hash(data: $0)) })
        case .rsaOAEPSHA256: (32, { Array(SHA256.hash(data: $0)) })
        case .rsaOAEPSHA384: (48, { Array(SHA384.hash(data: $0)) })
        case .rsaOAEPSHA512: (64, { Array(SHA512.hash(data: $0)) })
        default: nil
        }
    }
}
