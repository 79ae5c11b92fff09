internal import CLibCrypto
public import KeyStoreCore

/// A private key in this process's memory, in OpenSSL's hands. OpenSSL wipes it when the last holder lets go.
///
/// Its methods leave OpenSSL's error queue empty and print nothing. One call at a time; which thread does not matter.
public final class PrivateKey {
    /// The smallest RSA key that is accepted, in bits (NIST SP 800-131A: smaller ones may not sign any more).
    public static let minimumRSABits = 2048
    /// The largest RSA key that is accepted, in bits: OpenSSL's own limit.
    public static let maximumRSABits = 16384

    /// The kind of key.
    public let type: KeyType
    let pointer: OpaquePointer
    /// Contexts that are ready to sign, one for each algorithm used: making one costs a fifth of a P-256 signature.
    var signers: [SignatureAlgorithm: Signer] = [:]

    /// Takes over the reference to the key. Throws `unsupportedMechanism`, having released it, for a type that has no name
    /// in this library.
    init(adopting pointer: OpaquePointer) throws(KeyStoreError) {
        do {
            type = try Self.type(of: pointer)
        } catch {
            EVP_PKEY_free(pointer)
            throw error
        }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }

    /// The public key. Throws `backendFailure` only where OpenSSL fails.
    public func publicKey() throws(KeyStoreError) -> PublicKey {
        try ErrorQueue.bracketed { () throws(KeyStoreError) in
            let der = Self.der(i2d_PUBKEY, pointer)
            guard !der.isEmpty else { throw ErrorQueue.failure(in: "i2d_PUBKEY") }
            return try PublicKey(der: der)
        }
    }

    /// Makes a key with OpenSSL's random numbers. Throws `unsupportedMechanism` for an RSA size outside the limits above.
    /// RSA with 4096 bits takes a second or so.
    public static func generate(_ type: KeyType) throws(KeyStoreError) -> PrivateKey {
        try ErrorQueue.bracketed { () throws(KeyStoreError) in
            guard let context = EVP_PKEY_CTX_new_from_name(nil, type.opensslName, nil) else {
                throw ErrorQueue.failure(in: "EVP_PKEY_CTX_new_from_name")
            }
            defer { EVP_PKEY_CTX_free(context) }
            guard EVP_PKEY_keygen_init(context) == 1 else { throw ErrorQueue.failure(in: "EVP_PKEY_keygen_init") }
            if case .rsa(let bits) = type {
                try checkRSA(bits: bits)
                guard EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1 else {
                    throw ErrorQueue.failure(in: "EVP_PKEY_CTX_set_rsa_keygen_bits")
                }
            } else if let curve = type.opensslCurve {
                guard EVP_PKEY_CTX_set_group_name(context, curve) == 1 else {
                    throw ErrorQueue.failure(in: "EVP_PKEY_CTX_set_group_name")
                }
            }
            var key: OpaquePointer?
            guard EVP_PKEY_generate(context, &key) == 1, let key else {
                throw ErrorQueue.failure(in: "EVP_PKEY_generate")
            }
            return try PrivateKey(adopting: key)
        }
    }

    /// The DER that one of OpenSSL's `i2d` functions writes; empty where it fails.
    static func der(
        _ encode: (OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32,
        _ object: OpaquePointer?
    ) -> [UInt8] {
        let length = Int(encode(object, nil))
        guard length > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            var next = buffer.baseAddress
            count = max(0, Int(encode(object, &next)))
        }
    }
}
