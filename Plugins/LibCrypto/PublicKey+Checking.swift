internal import CLibCrypto
public import KeyStoreCore

extension PublicKey {
    /// Whether the key is a valid one of its type, by OpenSSL: for an elliptic curve that the point is on it, is not the one at
    /// infinity and has the right order (SEC 1 §3.2.2.1). Throws `backendFailure` only where OpenSSL fails.
    public func isOnItsCurve() throws(KeyStoreError) -> Bool {
        try ErrorQueue.bracketed { () throws(KeyStoreError) in
            let key = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
                var next = buffer.baseAddress
                return d2i_PUBKEY(nil, &next, buffer.count)
            }
            guard let key else { return false }
            defer { EVP_PKEY_free(key) }
            guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else {
                throw ErrorQueue.failure(in: "EVP_PKEY_CTX_new_from_pkey")
            }
            defer { EVP_PKEY_CTX_free(context) }
            return EVP_PKEY_public_check(context) == 1
        }
    }
}
