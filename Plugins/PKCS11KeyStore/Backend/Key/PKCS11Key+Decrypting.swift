import CP11Kit
import KeyStoreCore
import KeyStorePlugin

extension PKCS11Key: DecryptingBackendKey {
    func decrypt(
        _ ciphertext: UnsafeRawBufferPointer, using algorithm: EncryptionAlgorithm
    ) throws(KeyStoreError) -> PIN {
        guard case .rsa(let bits) = info.type, info.decryptionAlgorithms.contains(algorithm) else {
            throw KeyStoreError(
                .unsupportedMechanism, "this key does not decrypt \(algorithm)", operation: "decrypt",
                subject: info.uri.text)
        }
        let length = (bits + 7) / 8
        // Checked here, because modules disagree about what they say then. It tells nobody anything: the length is public.
        guard ciphertext.count == length else { throw wrongCiphertext(algorithm) }
        do {
            return try freeingTheSession("decrypt") { handle throws(KeyStoreError) in
                guard var parameters = OAEPHash(algorithm)?.parameters else {
                    var mechanism = CK_MECHANISM(mechanism: CKM_RSA_PKCS, pParameter: nil, ulParameterLen: 0)
                    return try decrypt(ciphertext, length, handle, &mechanism)
                }
                return try withUnsafeMutableBytes(of: &parameters) { parameters throws(KeyStoreError) in
                    var mechanism = CK_MECHANISM(
                        mechanism: CKM_RSA_PKCS_OAEP, pParameter: parameters.baseAddress,
                        ulParameterLen: CK_ULONG(parameters.count))
                    return try decrypt(ciphertext, length, handle, &mechanism)
                }
            }
        } catch {
            throw meaning(of: error, algorithm)
        }
    }

    private func decrypt(
        _ ciphertext: UnsafeRawBufferPointer, _ length: Int, _ handle: CK_OBJECT_HANDLE, _ mechanism: inout CK_MECHANISM
    ) throws(KeyStoreError) -> PIN {
        try Cryptoki.check(
            session.cryptoki.decryptInit(session.handle, &mechanism, handle), "C_DecryptInit", during: "decrypt")
        if record.alwaysAuthenticates { try authenticate() }
        var result: CK_RV = CKR_OK
        var plaintextLength: CK_ULONG = 0
        let plaintext = withUnsafeTemporaryAllocation(byteCount: length, alignment: 16) { buffer in
            defer { PIN.wipe(buffer) }
            plaintextLength = CK_ULONG(buffer.count)
            // The function takes a pointer to what it might change, and by the standard does not.
            result = session.cryptoki.decrypt(
                session.handle,
                UnsafeMutableRawPointer(mutating: ciphertext.baseAddress)?.assumingMemoryBound(to: UInt8.self),
                CK_ULONG(ciphertext.count), buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), &plaintextLength)
            guard result == CKR_OK, plaintextLength <= CK_ULONG(buffer.count) else { return nil as PIN? }
            return try? PIN(UnsafeRawBufferPointer(rebasing: buffer[..<Int(plaintextLength)]))
        }
        if let plaintext { return plaintext }
        try Cryptoki.check(result, "C_Decrypt", during: "decrypt")
        throw KeyStoreError(
            .invalidReply, "the token gave a plaintext of \(plaintextLength) bytes, which is longer than the key",
            operation: "decrypt", subject: info.uri.text)
    }

    /// What a failure means. Every failure to decrypt is told in the same words and without what the module said: to tell
    /// wrong padding from anything else would let others decrypt (Bleichenbacher's and Manger's attacks).
    private func meaning(of error: KeyStoreError, _ algorithm: EncryptionAlgorithm) -> KeyStoreError {
        guard error.code != .tokenRemoved, let native = error.native, let value = CK_RV(exactly: native.number) else {
            return error
        }
        switch (native.function, value) {
        case ("C_Decrypt", CKR_ENCRYPTED_DATA_INVALID), ("C_Decrypt", CKR_ENCRYPTED_DATA_LEN_RANGE),
            ("C_Decrypt", CKR_DATA_INVALID), ("C_Decrypt", CKR_DATA_LEN_RANGE), ("C_Decrypt", CKR_FUNCTION_FAILED),
            ("C_Decrypt", CKR_BUFFER_TOO_SMALL), ("C_Decrypt", CKR_ARGUMENTS_BAD),
            // What tpm2-pkcs11, OpenSC and NSS say of wrong padding. It might be the device, which shows with the next call.
            ("C_Decrypt", CKR_GENERAL_ERROR), ("C_Decrypt", CKR_DEVICE_ERROR):
            return wrongCiphertext(algorithm)
        case ("C_DecryptInit", CKR_ARGUMENTS_BAD), (_, CKR_MECHANISM_INVALID), (_, CKR_MECHANISM_PARAM_INVALID),
            (_, CKR_FUNCTION_NOT_SUPPORTED):
            var refused = error.during("decrypt", of: info.uri.text)
            refused.code = .unsupportedMechanism
            refused.message = "the token does not decrypt \(algorithm)"
            return refused
        default: return error.during("decrypt", of: info.uri.text)
        }
    }

    private func wrongCiphertext(_ algorithm: EncryptionAlgorithm) -> KeyStoreError {
        KeyStoreError(
            .invalidData, "the token could not decrypt this as \(algorithm) with this key", operation: "decrypt",
            subject: info.uri.text)
    }
}
