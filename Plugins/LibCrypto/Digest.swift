internal import CLibCrypto
public import KeyStoreCore

/// Hashes.
public enum Digest {
    /// The digest of the bytes, `hash.digestLength` bytes long. Throws `backendFailure` where OpenSSL's configuration takes
    /// the hash away. Any thread.
    public static func compute(
        _ bytes: UnsafeRawBufferPointer, _ hash: HashAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        guard let method = method(for: hash) else {
            throw KeyStoreError(.backendFailure, "OpenSSL has no \(hash.rawValue)", operation: "hash")
        }
        var succeeded = false
        let digest = [UInt8](unsafeUninitializedCapacity: hash.digestLength) { buffer, count in
            succeeded = EVP_Digest(bytes.baseAddress, bytes.count, buffer.baseAddress, nil, method, nil) == 1
            count = succeeded ? hash.digestLength : 0
        }
        guard succeeded else {
            defer { ERR_clear_error() }
            throw ErrorQueue.failure(in: "EVP_Digest").during("hash")
        }
        return digest
    }

    /// The hash as OpenSSL's object, which lives as long as the process.
    static func method(for hash: HashAlgorithm) -> OpaquePointer? {
        switch hash {
        case .sha256: sha256
        case .sha384: sha384
        case .sha512: sha512
        }
    }

    // Fetched once: a fetch costs more than hashing a short message. The objects are never changed.
    nonisolated(unsafe) private static let sha256 = EVP_MD_fetch(nil, "SHA2-256", nil)
    nonisolated(unsafe) private static let sha384 = EVP_MD_fetch(nil, "SHA2-384", nil)
    nonisolated(unsafe) private static let sha512 = EVP_MD_fetch(nil, "SHA2-512", nil)
}

extension Digest {
    /// SHA-1 of the bytes, 20 bytes long: for OAEP with old peers, and for nothing that has to resist collisions.
    public static func computeSHA1(_ bytes: [UInt8]) throws(KeyStoreError) -> [UInt8] {
        var succeeded = false
        let digest = [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
            succeeded = EVP_Q_digest(nil, "SHA1", nil, bytes, bytes.count, buffer.baseAddress, nil) == 1
            count = succeeded ? 20 : 0
        }
        guard succeeded else {
            defer { ERR_clear_error() }
            throw ErrorQueue.failure(in: "EVP_Q_digest").during("hash")
        }
        return digest
    }
}
