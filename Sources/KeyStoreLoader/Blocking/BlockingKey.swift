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

    private let key: UncheckedPointer

    init(session: BlockingSession, key: UncheckedPointer, info: KeyInfo) {
        self.session = session
        self.key = key
        self.info = info
    }

    deinit {
        session.state.withLock { state in
            // A session that was closed has closed its keys.
            if state.keys.remove(key.pointer) != nil { session.table.close_key(key.pointer) }
        }
    }

    /// The public key. Asks the token where finding the key did not tell.
    public func publicKey() throws(KeyStoreError) -> PublicKey {
        if let known = info.publicKey { return known }
        let emission = Emission(limit: PublicKey.maximumLength)
        try session.call("read public key", info.uri) { _, error, _ in
            session.table.public_key(key.pointer, Emission.sink, emission.context, error)
        }
        let publicKey = try PublicKey(der: try emission.single("a public key"))
        guard publicKey.type == info.type else {
            throw KeyStoreError(
                .invalidReply, "the plugin returned a public key of another type than the key's",
                operation: "read public key", subject: info.uri.text)
        }
        return publicKey
    }

    /// Signs a message or a digest. ECDSA signatures are DER, RSA ones as long as the modulus, Ed25519 ones 64 bytes.
    public func sign(_ input: SigningInput, using algorithm: SignatureAlgorithm) throws(KeyStoreError) -> [UInt8] {
        switch input {
        case .message(let bytes): try sign(bytes, form: UInt32(KEYSTORE_FORM_MESSAGE), using: algorithm)
        case .digest(let bytes): try sign(bytes, form: UInt32(KEYSTORE_FORM_DIGEST), using: algorithm)
        }
    }

    private func sign(
        _ input: [UInt8], form: UInt32, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        try session.state.withLock { (state) throws(KeyStoreError) in
            guard state.session != nil else {
                throw KeyStoreError(
                    .cancelled, "the session was closed", operation: "sign", subject: info.uri.text)
            }
            let emission = state.signature
            emission.reset()
            let status = input.withUnsafeBytes { bytes in
                session.table.sign(
                    key.pointer, algorithm.rawValue, form, keystore_bytes(bytes), Emission.sink, emission.context,
                    state.error.pointer)
            }
            guard status == KEYSTORE_OK else {
                throw state.error.take(status: status).during("sign", of: info.uri.text)
            }
            return try emission.single("a signature")
        }
    }
}
