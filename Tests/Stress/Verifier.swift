import CLibCrypto
import KeyStoreCore

/// Verifies ECDSA signatures with libcrypto, because the package's own verification needs another package.
final class Verifier: @unchecked Sendable {
    // Never changed after init; libcrypto counts its references.
    private let key: OpaquePointer

    init(_ publicKey: PublicKey) throws(StressFailure) {
        let key = publicKey.der.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            return d2i_PUBKEY(nil, &next, bytes.count)
        }
        guard let key else { throw StressFailure("libcrypto does not read a public key of ours") }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// Throws unless the signature is the key's for this message, with SHA-256.
    func verify(_ signature: [UInt8], of message: [UInt8]) throws(StressFailure) {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1,
            EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        else { throw StressFailure("a signature is not the key's: \(signature.count) bytes") }
    }
}
