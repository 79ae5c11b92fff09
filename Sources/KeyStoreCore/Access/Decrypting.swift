/// A key's decrypting of what was encrypted to its public key.
public protocol Decrypting: Sendable {
    /// Decrypts. The plaintext is a secret, which is why it comes as one. Throws `unsupportedMechanism` for an algorithm that
    /// is not in `info.decryptionAlgorithms`, and `invalidData`, always in the same words, for a ciphertext that is wrong in
    /// whichever way. May wait for a person, as signing may.
    func decrypt(_ ciphertext: [UInt8], using algorithm: EncryptionAlgorithm) async throws(KeyStoreError) -> PIN
}
