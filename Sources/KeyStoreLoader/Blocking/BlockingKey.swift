import CKeyStore
import KeyStoreBridge
public import KeyStoreCore
import Synchronization

/// A private key whose calls block the calling thread.
public final class BlockingKey: Sendable {
    /// What is known of the key.
    public let info: KeyInfo
    /// The session that the key was found through.
    public let session: BlockingSession

    let key: UncheckedPointer

    init(session: BlockingSession, key: UncheckedPointer, info: KeyInfo) {
        self.session = session
        self.key = key
        self.info = info
    }

    deinit { session.discard(key) }

    /// The public key. Asks the token where finding the key did not tell.
    public func publicKey() throws(KeyStoreError) -> PublicKey {
        if let known = info.publicKey { return known }
        let emission = Emission(limit: PublicKey.maximumLength)
        try session.call("read public key", info.uri) { (state, _, _) throws(KeyStoreError) in
            session.table.public_key(key.pointer, Emission.sink, emission.context, state.error.pointer)
        }
        let publicKey: PublicKey
        do {
            publicKey = try PublicKey(der: try emission.single("a public key"))
        } catch {
            throw error.during("read public key", of: info.uri.text)
        }
        guard publicKey.type == info.type else {
            throw KeyStoreError(
                .invalidReply, "the plugin returned a public key of another type than the key's",
                operation: "read public key", subject: info.uri.text)
        }
        return publicKey
    }

    /// Signs a message or a digest. ECDSA signatures are DER, RSA ones as long as the modulus, Ed25519 ones 64 bytes. Throws
    /// `unsupportedMechanism` for an algorithm that is not in `info.algorithms`, `invalidData` for a digest of the wrong
    /// length, both without asking the plugin.
    public func sign(_ input: SigningInput, using algorithm: SignatureAlgorithm) throws(KeyStoreError) -> [UInt8] {
        let (bytes, form) = try checked(input, using: algorithm)
        return try session.use("sign") { (state, _) throws(KeyStoreError) in
            try sign(bytes, form: form, using: algorithm, with: state)
        }
    }

    /// The same if no call is running on the session; nil otherwise.
    func signIfFree(
        _ input: SigningInput, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8]? {
        let (bytes, form) = try checked(input, using: algorithm)
        return try session.useIfFree("sign") { (state, _) throws(KeyStoreError) in
            try sign(bytes, form: form, using: algorithm, with: state)
        }
    }

    private func checked(
        _ input: SigningInput, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> (bytes: [UInt8], form: UInt32) {
        guard info.algorithms.contains(algorithm) else {
            throw KeyStoreError(
                .unsupportedMechanism, "this key does not sign with \(algorithm)", operation: "sign",
                subject: info.uri.text)
        }
        switch input {
        case .message(let bytes):
            return (bytes, UInt32(KEYSTORE_FORM_MESSAGE))
        case .digest(let bytes):
            guard let hash = algorithm.hash, bytes.count == hash.digestLength else {
                throw KeyStoreError(
                    .invalidData, "\(bytes.count) bytes are no digest that \(algorithm) signs", operation: "sign",
                    subject: info.uri.text)
            }
            return (bytes, UInt32(KEYSTORE_FORM_DIGEST))
        }
    }

    private func sign(
        _ input: [UInt8], form: UInt32, using algorithm: SignatureAlgorithm, with state: BlockingSession.State
    ) throws(KeyStoreError) -> [UInt8] {
        let emission = state.signature
        emission.reset()
        let status = input.withUnsafeBytes { bytes in
            session.table.sign(
                key.pointer, algorithm.rawValue, form, keystore_bytes(bytes), Emission.sink, emission.context,
                state.error.pointer)
        }
        guard status == KEYSTORE_OK else { throw state.error.take(status: status).during("sign", of: info.uri.text) }
        do throws(KeyStoreError) {
            let signature = try emission.single("a signature")
            guard info.type?.mayHaveSignature(signature) ?? true else {
                throw KeyStoreError(.invalidReply, "the plugin returned what is no signature by a key of this type")
            }
            return signature
        } catch {
            throw error.during("sign", of: info.uri.text)
        }
    }
}
