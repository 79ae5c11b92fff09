internal import CLibCrypto
public import KeyStoreCore

extension PublicKey {
    /// Whether the signature was made by this key's private key. The input is a digest, made with the algorithm's own hash;
    /// Ed25519's is the message. ECDSA signatures are DER, and a salt of PSS is as long as the hash. False, too, for an algorithm
    /// that is not the key type's. Nil where OpenSSL cannot tell: it does not take the key, or its configuration takes the
    /// algorithm away.
    public func isValidSignature(
        _ signature: [UInt8], ofInput input: UnsafeRawBufferPointer, using algorithm: SignatureAlgorithm
    ) -> Bool? {
        guard type.algorithms.contains(algorithm) else { return false }
        return ErrorQueue.bracketed {
            let key = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
                var next = buffer.baseAddress
                return d2i_PUBKEY(nil, &next, buffer.count)
            }
            guard let key else { return nil }
            defer { EVP_PKEY_free(key) }
            guard let hash = algorithm.hash else { return Self.verifyEd25519(key, signature, input) }
            guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { return nil }
            defer { EVP_PKEY_CTX_free(context) }
            guard EVP_PKEY_verify_init(context) == 1 else { return nil }
            if algorithm.isRSAPSS {
                guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1,
                    EVP_PKEY_CTX_set_rsa_pss_saltlen(context, Int32(hash.digestLength)) == 1
                else { return nil }
            }
            guard EVP_PKEY_CTX_set_signature_md(context, Digest.method(for: hash)) == 1 else { return nil }
            let bytes = input.assumingMemoryBound(to: UInt8.self).baseAddress
            return EVP_PKEY_verify(context, signature, signature.count, bytes, input.count) == 1
        }
    }

    private static func verifyEd25519(
        _ key: OpaquePointer, _ signature: [UInt8], _ message: UnsafeRawBufferPointer
    ) -> Bool? {
        guard let context = EVP_MD_CTX_new() else { return nil }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return nil }
        let bytes = message.assumingMemoryBound(to: UInt8.self).baseAddress
        return EVP_DigestVerify(context, signature, signature.count, bytes, message.count) == 1
    }
}
