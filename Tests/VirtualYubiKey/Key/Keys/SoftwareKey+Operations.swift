import CLibCrypto

extension SoftwareKey {
    /// The private operation on one whole block, as long as the modulus: no padding is put on or taken off.
    func rsa(_ block: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard let bits = algorithm.rsaBits, block.count == bits / 8 else { throw .wrongData }
        return try operate(block, EVP_PKEY_decrypt_init, EVP_PKEY_decrypt) { context in
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1
        }
    }

    /// An ECDSA signature, DER, of a digest that is not longer than the curve's order.
    func ecdsa(_ digest: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard let curve = algorithm.curve, digest.count <= curve.length else { throw .wrongData }
        return try operate(digest, EVP_PKEY_sign_init, EVP_PKEY_sign) { _ in true }
    }

    /// An Ed25519 signature of a message.
    func ed25519(_ message: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard algorithm == .ed25519 else { throw .wrongData }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 64)
        var length = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, pointer) == 1,
            EVP_DigestSign(context, &signature, &length, message, message.count) == 1
        else { throw .failure }
        return signature
    }

    /// The shared secret with another's public point: the X coordinate, or X25519's output.
    func agree(with point: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard let peer = publicKey(at: point) else { throw .wrongData }
        defer { EVP_PKEY_free(peer) }
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else { throw .failure }
        defer { EVP_PKEY_CTX_free(context) }
        var secret = [UInt8](repeating: 0, count: 64)
        var length = secret.count
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer) == 1,
            EVP_PKEY_derive(context, &secret, &length) == 1
        else { throw .wrongData }
        return Array(secret.prefix(length))
    }

    private func publicKey(at point: [UInt8]) -> OpaquePointer? {
        if algorithm == .x25519 {
            return point.count == 32 ? EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, point, 32) : nil
        }
        guard let curve = algorithm.curve, point.count == 2 * curve.length + 1, point[0] == 4 else { return nil }
        let key = EVP_PKEY_new()
        if EVP_PKEY_copy_parameters(key, pointer) == 1,
            EVP_PKEY_set1_encoded_public_key(key, point, point.count) == 1
        {
            return key
        }
        EVP_PKEY_free(key)
        return nil
    }

    private func operate(
        _ input: [UInt8], _ begin: (OpaquePointer?) -> Int32,
        _ finish: (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?, UnsafePointer<UInt8>?, Int
        ) -> Int32, _ prepare: (OpaquePointer) -> Bool
    ) throws(StatusWord) -> [UInt8] {
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else { throw .failure }
        defer { EVP_PKEY_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(pointer)))
        var length = output.count
        guard begin(context) == 1, prepare(context) else { throw .failure }
        // An RSA block is a number below the modulus, which is all that can be wrong with the input now.
        guard finish(context, &output, &length, input, input.count) == 1 else { throw .wrongData }
        return Array(output.prefix(length))
    }
}
