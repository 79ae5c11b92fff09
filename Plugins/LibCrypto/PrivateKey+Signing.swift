internal import CLibCrypto
public import KeyStoreCore

extension PrivateKey {
    /// Signs a message, hashing it where the algorithm has a hash. ECDSA signatures are DER, RSA ones as long as the modulus
    /// (PSS with a salt as long as the hash), Ed25519 ones 64 bytes. Throws `unsupportedMechanism` for an algorithm that is
    /// not the key type's.
    public func sign(
        message: UnsafeRawBufferPointer, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        guard let hash = algorithm.hash else { return try signEd25519(message, using: algorithm) }
        let digest = try Digest.compute(message, hash)
        // An array's withUnsafeBytes cannot pass typed errors on.
        return try digest.withUnsafeBytes { bytes in
            Result { () throws(KeyStoreError) in try sign(digest: bytes, using: algorithm) }
        }.get()
    }

    /// Signs a digest that was made with the algorithm's own hash. Throws `invalidData` for one of another length, and
    /// `unsupportedMechanism` for an algorithm that is not the key type's or, as Ed25519, takes messages only.
    public func sign(
        digest: UnsafeRawBufferPointer, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        try check(algorithm)
        guard let hash = algorithm.hash else {
            throw KeyStoreError(.unsupportedMechanism, "\(algorithm) signs messages and no digests", operation: "sign")
        }
        return try ErrorQueue.bracketed { () throws(KeyStoreError) in
            try signer(for: algorithm, hash).sign(digest: digest)
        }
    }

    private func check(_ algorithm: SignatureAlgorithm) throws(KeyStoreError) {
        guard type.algorithms.contains(algorithm) else {
            throw KeyStoreError(
                .unsupportedMechanism, "a key of type \(type) does not sign with \(algorithm)", operation: "sign")
        }
    }

    private func signer(for algorithm: SignatureAlgorithm, _ hash: HashAlgorithm) throws(KeyStoreError) -> Signer {
        if let signer = signers[algorithm] { return signer }
        let signer = try Signer(pointer, algorithm, hash)
        signers[algorithm] = signer
        return signer
    }

    private func signEd25519(
        _ message: UnsafeRawBufferPointer, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        try check(algorithm)
        return try ErrorQueue.bracketed { () throws(KeyStoreError) in
            // A context of this kind signs once.
            guard let context = EVP_MD_CTX_new() else { throw ErrorQueue.failure(in: "EVP_MD_CTX_new") }
            defer { EVP_MD_CTX_free(context) }
            guard EVP_DigestSignInit(context, nil, nil, nil, pointer) == 1 else {
                throw ErrorQueue.failure(in: "EVP_DigestSignInit")
            }
            let input = message.assumingMemoryBound(to: UInt8.self).baseAddress
            let signature = [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
                var length = buffer.count
                count = EVP_DigestSign(context, buffer.baseAddress, &length, input, message.count) == 1 ? length : 0
            }
            guard signature.count == 64 else { throw ErrorQueue.failure(in: "EVP_DigestSign") }
            return signature
        }
    }

    /// Signs something and checks the signature with the public part. Throws `invalidData` if that does not fit, as in a file
    /// whose two parts were put together from different keys.
    public func checkPair() throws(KeyStoreError) {
        let message = Array("private and public part belong together".utf8)
        guard let algorithm = type.algorithms.first else { return }
        let signature = try message.withUnsafeBytes { bytes in
            Result { () throws(KeyStoreError) in try sign(message: bytes, using: algorithm) }
        }.get()
        try ErrorQueue.bracketed { () throws(KeyStoreError) in
            guard let context = EVP_MD_CTX_new() else { throw ErrorQueue.failure(in: "EVP_MD_CTX_new") }
            defer { EVP_MD_CTX_free(context) }
            var details: OpaquePointer?
            let method = algorithm.hash.flatMap { Digest.method(for: $0) }
            guard EVP_DigestVerifyInit(context, &details, method, nil, pointer) == 1 else {
                throw ErrorQueue.failure(in: "EVP_DigestVerifyInit")
            }
            if algorithm.isRSAPSS {
                guard EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING) == 1 else {
                    throw ErrorQueue.failure(in: "EVP_PKEY_CTX_set_rsa_padding")
                }
            }
            guard EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1 else {
                throw ErrorQueue.failure(
                    .invalidData, "the key's private and public parts do not belong together", in: "EVP_DigestVerify")
            }
        }
    }
}
