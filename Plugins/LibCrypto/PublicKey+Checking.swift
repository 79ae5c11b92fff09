internal import CLibCrypto
public import KeyStoreCore

extension PublicKey {
    /// Whether the key is a valid one of its type, by OpenSSL: for an elliptic curve that the point is on it, is not the one at
    /// infinity and has the right order (SEC 1 §3.2.2.1); for X25519 that it is not of low order, with which every private key
    /// makes the same secret (RFC 7748 §6.1). Throws `backendFailure` only where OpenSSL fails.
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
            guard EVP_PKEY_public_check(context) == 1 else { return false }
            return type == .x25519 ? try Self.makesSecrets(key) : true
        }
    }

    /// Whether a secret comes out with a private key that is made for this. OpenSSL gives none that is zero, and if it is zero
    /// with one, it is with all.
    private static func makesSecrets(_ peer: OpaquePointer) throws(KeyStoreError) -> Bool {
        let ours = try PrivateKey.generate(.x25519)
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, ours.pointer, nil) else {
            throw ErrorQueue.failure(in: "EVP_PKEY_CTX_new_from_pkey")
        }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer) == 1 else {
            throw ErrorQueue.failure(in: "EVP_PKEY_derive_set_peer")
        }
        var secret = [UInt8](repeating: 0, count: 32)
        var length = secret.count
        return withExtendedLifetime(ours) { EVP_PKEY_derive(context, &secret, &length) == 1 }
    }
}
