import Crypto
import KeyStoreCore
import KeyStorePlugin

/// A key on a token in memory.
final class InMemoryBackendKey: DecryptingBackendKey, AgreeingBackendKey {
    let info: KeyInfo
    private let key: InMemoryKey
    /// Asks for what the key's policies demand for each use.
    private let authorise: () throws(KeyStoreError) -> Void

    init(info: KeyInfo, key: InMemoryKey, authorise: @escaping () throws(KeyStoreError) -> Void) {
        self.info = info
        self.key = key
        self.authorise = authorise
    }

    func publicKey() throws(KeyStoreError) -> PublicKey { try PublicKey(der: key.publicKeyDER) }

    func sign(
        _ input: UnsafeRawBufferPointer, form: SigningForm, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        try authorise()
        do {
            switch form {
            case .message: return try key.signature(of: input, using: algorithm)
            case .digest: return try key.signature(ofDigest: GivenDigest(bytes: Array(input)))
            }
        } catch let error as KeyStoreError {
            throw error
        } catch {
            throw KeyStoreError(.backendFailure, "the signature could not be made", underlying: error)
        }
    }

    func decrypt(
        _ ciphertext: UnsafeRawBufferPointer, using algorithm: EncryptionAlgorithm
    ) throws(KeyStoreError) -> PIN {
        try authorise()
        guard let plaintext = try? key.decrypt(Array(ciphertext), using: algorithm) else {
            throw KeyStoreError(.invalidData, "this could not be decrypted as \(algorithm) with this key")
        }
        return try plaintext.withUnsafeBufferPointer { bytes throws(KeyStoreError) in
            try PIN(UnsafeRawBufferPointer(bytes))
        }
    }

    func sharedSecret(with peer: PublicKey) throws(KeyStoreError) -> PIN {
        try authorise()
        guard let secret = try? key.sharedSecret(with: peer) else {
            throw KeyStoreError(.invalidData, "the other public key is none that this key shares a secret with")
        }
        return try secret.withUnsafeBufferPointer { bytes throws(KeyStoreError) in
            try PIN(UnsafeRawBufferPointer(bytes))
        }
    }
}

extension InMemoryKey {
    /// Signs a digest that somebody else made. The crypto library takes those for elliptic curves only.
    func signature(ofDigest digest: GivenDigest) throws -> [UInt8] {
        switch self {
        case .p256(let key): Array(try key.signature(for: digest).derRepresentation)
        case .p384(let key): Array(try key.signature(for: digest).derRepresentation)
        case .p521(let key): Array(try key.signature(for: digest).derRepresentation)
        case .rsa, .ed25519, .x25519:
            throw KeyStoreError(.unsupportedOperation, "keys of this type sign messages here, not digests")
        }
    }
}
