import CKeyStore
import KeyStoreBridge
public import KeyStoreCore

extension BlockingKey {
    /// Decrypts what was encrypted to the public key. Throws `unsupportedMechanism` for an algorithm that is not in
    /// `info.decryptionAlgorithms`, and `invalidData`, always in the same words, for a ciphertext that is wrong in whichever
    /// way.
    public func decrypt(
        _ ciphertext: [UInt8], using algorithm: EncryptionAlgorithm
    ) throws(KeyStoreError) -> PIN {
        guard info.decryptionAlgorithms.contains(algorithm),
            let decrypt = session.store.library.table.decrypting?.pointee.decrypt
        else {
            throw KeyStoreError(
                .unsupportedMechanism, "this key does not decrypt \(algorithm)", operation: "decrypt",
                subject: info.uri.text)
        }
        return try secret("decrypt", of: ciphertext, "a plaintext") { key, input, sink, context, error in
            decrypt(key, algorithm.rawValue, input, sink, context, error)
        }
    }

    /// The secret that the key shares with the owner of another public key of its curve: the x-coordinate at full length, or
    /// X25519's 32 bytes. Throws `invalidData` for a public key of another type, or with which the secret is nobody's own.
    public func sharedSecret(with peer: PublicKey) throws(KeyStoreError) -> PIN {
        guard info.canAgree, let derive = session.store.library.table.agreeing?.pointee.derive else {
            throw KeyStoreError(
                .unsupportedMechanism, "this key derives no shared secrets", operation: "derive",
                subject: info.uri.text)
        }
        guard peer.type == info.type else {
            throw KeyStoreError(
                .invalidData, "the other public key is of the type \(peer.type), and not of this key's",
                operation: "derive", subject: info.uri.text)
        }
        let secret = try secret("derive", of: peer.der, "a shared secret") { key, input, sink, context, error in
            derive(key, input, sink, context, error)
        }
        guard secret.count == info.type?.secretLength else {
            throw KeyStoreError(
                .invalidReply, "the plugin returned a shared secret of \(secret.count) bytes", operation: "derive",
                subject: info.uri.text)
        }
        // RFC 7748 §6.1: a public key of low order makes zeros with every private key. Without a way out of the loop that
        // depends on the secret.
        guard info.type != .x25519 || secret.withBytes({ $0.reduce(0, |) }) != 0 else {
            throw KeyStoreError(
                .invalidData, "the other public key makes the same secret with every key", operation: "derive",
                subject: info.uri.text)
        }
        return secret
    }

    private typealias SecretCall = (
        UnsafeMutableRawPointer, keystore_bytes, keystore_bytes_sink, UnsafeMutableRawPointer,
        UnsafeMutablePointer<keystore_error>
    ) -> Int32

    private func secret(
        _ operation: String, of input: [UInt8], _ what: String, _ body: SecretCall
    ) throws(KeyStoreError) -> PIN {
        return try session.use(operation) { (state, _) throws(KeyStoreError) in
            let emission = SecretEmission()
            let status = withBytes(of: input) {
                body(key.pointer, $0, SecretEmission.sink, emission.context, state.error.pointer)
            }
            guard status == KEYSTORE_OK else {
                throw state.error.take(status: status).during(operation, of: info.uri.text)
            }
            do throws(KeyStoreError) { return try emission.single(what) } catch {
                throw error.during(operation, of: info.uri.text)
            }
        }
    }
}

extension KeyType {
    /// The length of a shared secret in bytes; nil for keys that derive nothing.
    fileprivate var secretLength: Int? {
        switch self {
        case .ecP256, .x25519: 32
        case .ecP384: 48
        case .ecP521: 66
        case .rsa, .ed25519: nil
        }
    }
}
