public import KeyStoreCore

/// A key that decrypts; see `Decrypting`.
public protocol DecryptingBackendKey: BackendKey {
    /// Decrypts. The plugin kit has checked that the algorithm is one of `info.decryptionAlgorithms`. The ciphertext is valid
    /// during the call. A ciphertext that is wrong in whichever way is `invalidData` in the same words.
    func decrypt(
        _ ciphertext: UnsafeRawBufferPointer, using algorithm: EncryptionAlgorithm
    ) throws(KeyStoreError) -> PIN
}
