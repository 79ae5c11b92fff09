/// A private key in a store. The key stays where it is; this signs with it.
public protocol Key: Sendable {
    /// What is known of the key.
    var info: KeyInfo { get }

    /// The public key. Asks the token where listing it did not tell.
    func publicKey() async throws(KeyStoreError) -> PublicKey

    /// Signs. ECDSA signatures are DER, RSA ones as long as the modulus, Ed25519 ones 64 bytes. Throws
    /// `unsupportedMechanism` for an algorithm that is not in `info.algorithms`, `invalidData` for a digest of the wrong
    /// length. May wait as long as a person takes to touch a device; cancelling the task ends the waiting.
    func sign(_ input: SigningInput, using algorithm: SignatureAlgorithm) async throws(KeyStoreError) -> [UInt8]

    /// Decrypting, or nil for a key or backend that cannot.
    var decrypting: (any Decrypting)? { get }
    /// Deriving shared secrets, or nil for a key or backend that cannot.
    var agreeing: (any KeyAgreeing)? { get }
}

extension Key {
    /// Nil: most keys only sign.
    public var decrypting: (any Decrypting)? { nil }
    /// Nil: most keys only sign.
    public var agreeing: (any KeyAgreeing)? { nil }
}

extension Key {
    /// Signs a message, not a digest of it.
    public func sign(
        _ message: [UInt8], using algorithm: SignatureAlgorithm
    ) async throws(KeyStoreError) -> [UInt8] {
        try await sign(.message(message), using: algorithm)
    }
}
