import KeyStoreCore
import KeyStorePlugin

extension PIVKey: DecryptingBackendKey {
    func decrypt(
        _ ciphertext: UnsafeRawBufferPointer, using algorithm: EncryptionAlgorithm
    ) throws(KeyStoreError) -> PIN {
        let operation = "decrypt"
        guard let kind = record.algorithm, let length = kind.modulusLength,
            info.decryptionAlgorithms.contains(algorithm)
        else {
            throw KeyStoreError(
                .unsupportedMechanism, "this key does not decrypt \(algorithm)", operation: operation,
                subject: info.uri.text)
        }
        // That tells nobody anything: the length is public.
        guard ciphertext.count == length else { throw wrongCiphertext(algorithm) }
        var block: [UInt8]
        do throws(KeyStoreError) {
            block = try use(kind, Array(ciphertext), operation: operation)
        } catch {
            // A number that is not less than the modulus.
            if error.statusWord == .wrongData { throw wrongCiphertext(algorithm) }
            throw error.during(operation, of: info.uri.text)
        }
        defer { block.withUnsafeMutableBytes { PIN.wipe($0) } }
        guard block.count == length else {
            throw KeyStoreError(
                .invalidReply, "the card gave a plaintext of \(block.count) bytes, which is not the key's length",
                operation: operation, subject: info.uri.text)
        }
        guard let message = try Unpadding.message(in: block, algorithm) else { throw wrongCiphertext(algorithm) }
        return message
    }

    /// One wording for every way in which a ciphertext can be wrong.
    private func wrongCiphertext(_ algorithm: EncryptionAlgorithm) -> KeyStoreError {
        KeyStoreError(
            .invalidData, "the token could not decrypt this as \(algorithm) with this key", operation: "decrypt",
            subject: info.uri.text)
    }
}
