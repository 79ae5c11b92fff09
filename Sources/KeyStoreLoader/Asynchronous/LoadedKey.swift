import KeyStoreCore

/// A key that a plugin serves. Keeps its session open.
final class LoadedKey: Key, Decrypting, KeyAgreeing {
    private let blocking: BlockingKey
    // After the key, so that it is let go of later.
    private let session: LoadedSession

    init(_ blocking: BlockingKey, session: LoadedSession) {
        self.blocking = blocking
        self.session = session
    }

    var info: KeyInfo { blocking.info }

    func publicKey() async throws(KeyStoreError) -> PublicKey {
        if let known = info.publicKey { return known }
        let blocking = blocking
        return try await session.run { (_) throws(KeyStoreError) in try blocking.publicKey() }
    }

    func sign(_ input: SigningInput, using algorithm: SignatureAlgorithm) async throws(KeyStoreError) -> [UInt8] {
        if session.isOnThread || session.computesOnly {
            if Task.isCancelled {
                throw KeyStoreError(
                    .cancelled, "the task was cancelled", operation: "sign", subject: info.uri.text)
            }
            if session.isOnThread { return try blocking.sign(input, using: algorithm) }
            // Another call may be running on the session, and be asking a person for a passphrase.
            if let signature = try blocking.signIfFree(input, using: algorithm) { return signature }
        }
        let blocking = blocking
        return try await session.run { (_) throws(KeyStoreError) in try blocking.sign(input, using: algorithm) }
    }

    var decrypting: (any Decrypting)? {
        session.has(.decrypting) && !info.decryptionAlgorithms.isEmpty ? self : nil
    }

    func decrypt(_ ciphertext: [UInt8], using algorithm: EncryptionAlgorithm) async throws(KeyStoreError) -> PIN {
        let blocking = blocking
        return try await session.run { (_) throws(KeyStoreError) in
            try blocking.decrypt(ciphertext, using: algorithm)
        }
    }

    var agreeing: (any KeyAgreeing)? { session.has(.agreeing) && info.canAgree ? self : nil }

    func sharedSecret(with peer: PublicKey) async throws(KeyStoreError) -> PIN {
        let blocking = blocking
        return try await session.run { (_) throws(KeyStoreError) in try blocking.sharedSecret(with: peer) }
    }
}
