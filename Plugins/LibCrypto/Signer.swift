import CLibCrypto
import KeyStoreCore

/// A context of OpenSSL's that signs digests with one key and one algorithm, as often as asked.
final class Signer {
    private let context: OpaquePointer
    private let digestLength: Int
    private let maximumLength: Int

    init(_ key: OpaquePointer, _ algorithm: SignatureAlgorithm, _ hash: HashAlgorithm) throws(KeyStoreError) {
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else {
            throw ErrorQueue.failure(in: "EVP_PKEY_CTX_new_from_pkey")
        }
        do {
            try Self.prepare(context, algorithm, hash)
        } catch {
            EVP_PKEY_CTX_free(context)
            throw error
        }
        self.context = context
        digestLength = hash.digestLength
        maximumLength = Int(EVP_PKEY_get_size(key))
    }

    deinit { EVP_PKEY_CTX_free(context) }

    private static func prepare(
        _ context: OpaquePointer, _ algorithm: SignatureAlgorithm, _ hash: HashAlgorithm
    ) throws(KeyStoreError) {
        guard EVP_PKEY_sign_init(context) == 1 else { throw ErrorQueue.failure(in: "EVP_PKEY_sign_init") }
        if algorithm.isRSAPSS {
            guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(context, Int32(hash.digestLength)) == 1
            else { throw ErrorQueue.failure(in: "EVP_PKEY_CTX_set_rsa_padding") }
        }
        guard EVP_PKEY_CTX_set_signature_md(context, Digest.method(for: hash)) == 1 else {
            throw ErrorQueue.failure(in: "EVP_PKEY_CTX_set_signature_md")
        }
    }

    func sign(digest: UnsafeRawBufferPointer) throws(KeyStoreError) -> [UInt8] {
        guard digest.count == digestLength else {
            throw KeyStoreError(
                .invalidData, "a digest for this algorithm has \(digestLength) bytes, and not \(digest.count)")
        }
        let input = digest.assumingMemoryBound(to: UInt8.self).baseAddress
        let signature = [UInt8](unsafeUninitializedCapacity: maximumLength) { buffer, count in
            var length = buffer.count
            count = EVP_PKEY_sign(context, buffer.baseAddress, &length, input, digest.count) == 1 ? length : 0
        }
        guard !signature.isEmpty else { throw ErrorQueue.failure(in: "EVP_PKEY_sign") }
        return signature
    }
}
