import CLibCrypto
import KeyStoreCore

/// Turns a PEM block into a key, step by step, so that each failure is known for what it is.
enum PrivateKeyDecoder {
    static func decode(
        _ block: borrowing PEMBlock, _ passphrase: () throws(KeyStoreError) -> PIN
    ) throws(KeyStoreError) -> OpaquePointer {
        switch block.name {
        case PEM_STRING_PKCS8INF: return try key(of: plainInfo(block.bytes))
        case PEM_STRING_PKCS8: return try decrypt(block.bytes, passphrase)
        case PEM_STRING_RSA, PEM_STRING_ECPRIVATEKEY, PEM_STRING_DSA: return try traditional(block, passphrase)
        default: throw PrivateKey.unsupported("a private key in the form '\(block.name.prefix(40))'")
        }
    }

    // MARK: PKCS#8

    private static func plainInfo(
        _ bytes: UnsafeMutableBufferPointer<UInt8>
    ) throws(KeyStoreError) -> OpaquePointer {
        var next = UnsafePointer(bytes.baseAddress)
        guard let info = d2i_PKCS8_PRIV_KEY_INFO(nil, &next, bytes.count) else {
            throw ErrorQueue.failure(.invalidData, "the private key is malformed", in: "d2i_PKCS8_PRIV_KEY_INFO")
        }
        return info
    }

    private static func decrypt(
        _ bytes: UnsafeMutableBufferPointer<UInt8>, _ passphrase: () throws(KeyStoreError) -> PIN
    ) throws(KeyStoreError) -> OpaquePointer {
        var next = UnsafePointer(bytes.baseAddress)
        guard let encrypted = d2i_X509_SIG(nil, &next, bytes.count) else {
            throw ErrorQueue.failure(.invalidData, "the encrypted private key is malformed", in: "d2i_X509_SIG")
        }
        defer { X509_SIG_free(encrypted) }
        let pin = try passphrase()
        let info = pin.withBytes { bytes in
            PKCS8_decrypt(encrypted, bytes.assumingMemoryBound(to: CChar.self).baseAddress, Int32(bytes.count))
        }
        guard let info else { throw decryptionFailure("PKCS8_decrypt") }
        return try key(of: info)
    }

    /// Consumes the info.
    private static func key(of info: OpaquePointer) throws(KeyStoreError) -> OpaquePointer {
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        if let key = EVP_PKCS82PKEY(info) { return key }
        let cause = ErrorQueue.cause(in: "EVP_PKCS82PKEY")
        var algorithm: OpaquePointer?
        _ = PKCS8_pkey_get0(&algorithm, nil, nil, nil, info)
        let nid = OBJ_obj2nid(algorithm)
        guard [NID_rsaEncryption, NID_X9_62_id_ecPublicKey, NID_ED25519, NID_X25519].contains(nid) else {
            let name = OBJ_nid2sn(nid).map { String(cString: $0) } ?? "unnamed"
            var error = PrivateKey.unsupported("a key of type \(name.prefix(40))")
            error.native = cause
            throw error
        }
        throw KeyStoreError(.invalidData, "the private key is malformed, or its curve has no name", native: cause)
    }

    // MARK: The traditional forms

    private static func traditional(
        _ block: borrowing PEMBlock, _ passphrase: () throws(KeyStoreError) -> PIN
    ) throws(KeyStoreError) -> OpaquePointer {
        let bytes = block.bytes
        var length = bytes.count
        if block.isEncrypted { length = try decryptInPlace(block, passphrase) }
        var next = UnsafePointer(bytes.baseAddress)
        if let key = d2i_AutoPrivateKey(nil, &next, length) { return key }
        if block.isEncrypted { throw wrongPassphrase("d2i_AutoPrivateKey") }
        throw ErrorQueue.failure(.invalidData, "the private key is malformed", in: "d2i_AutoPrivateKey")
    }

    /// The length of what comes out.
    private static func decryptInPlace(
        _ block: borrowing PEMBlock, _ passphrase: () throws(KeyStoreError) -> PIN
    ) throws(KeyStoreError) -> Int {
        var cipher = EVP_CIPHER_INFO()
        guard PEM_get_EVP_CIPHER_INFO(block.header, &cipher) == 1 else {
            let code: KeyStoreError.Code =
                ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_UNSUPPORTED_ENCRYPTION
                ? .unsupportedMechanism : .invalidData
            throw ErrorQueue.failure(code, "the private key's header is not understood", in: "PEM_get_EVP_CIPHER_INFO")
        }
        let pin = try passphrase()
        var length = block.bytes.count
        let result = PEM_do_header(
            &cipher, block.bytes.baseAddress, &length,
            { buffer, size, _, context in
                guard let buffer, let context else { return -1 }
                let pin = Unmanaged<PIN>.fromOpaque(context).takeUnretainedValue()
                guard pin.count <= size else { return -1 }
                pin.withBytes { UnsafeMutableRawBufferPointer(start: buffer, count: Int(size)).copyMemory(from: $0) }
                return Int32(pin.count)
            }, Unmanaged.passUnretained(pin).toOpaque())
        guard result == 1 else { throw decryptionFailure("PEM_do_header") }
        return withExtendedLifetime(pin) { length }
    }

    private static func decryptionFailure(_ function: String) -> KeyStoreError {
        let cause = ErrorQueue.cause(in: function)
        if ErrorQueue.takeWrongPassphrase() { return wrongPassphrase(function, cause) }
        return KeyStoreError(
            .unsupportedMechanism, "OpenSSL cannot undo the encryption of the private key: \(cause.name)", native: cause
        )
    }

    private static func wrongPassphrase(_ function: String, _ cause: NativeError? = nil) -> KeyStoreError {
        KeyStoreError(
            .pinIncorrect, "the passphrase does not open the private key",
            native: cause ?? ErrorQueue.cause(in: function))
    }
}
