internal import CLibCrypto
public import KeyStoreCore

extension PrivateKey {
    /// The cost of scrypt (RFC 7914 §2), the largest for which OpenSSL's memory limit need not be raised: 16 MiB, and a
    /// tenth of a second.
    private static let scrypt: (n: UInt64, r: UInt64, p: UInt64) = (16384, 8, 1)
    private static let saltLength = 16

    /// The key as a PKCS#8 PEM text: encrypted with AES-256-CBC under a key that scrypt makes of the passphrase (RFC 7914 §7),
    /// or plain for nil. Throws `invalidData` for an empty passphrase, which is nobody's intention.
    public func pem(passphrase: PIN?) throws(KeyStoreError) -> PIN {
        try ErrorQueue.bracketed { () throws(KeyStoreError) in
            guard let info = EVP_PKEY2PKCS8(pointer) else { throw ErrorQueue.failure(in: "EVP_PKEY2PKCS8") }
            defer { PKCS8_PRIV_KEY_INFO_free(info) }
            let bio = try MemoryBIO()
            if let passphrase {
                let encrypted = try Self.encrypt(info, passphrase)
                defer { X509_SIG_free(encrypted) }
                guard PEM_write_bio_PKCS8(bio.pointer, encrypted) == 1 else {
                    throw ErrorQueue.failure(in: "PEM_write_bio_PKCS8")
                }
            } else {
                guard PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio.pointer, info) == 1 else {
                    throw ErrorQueue.failure(in: "PEM_write_bio_PKCS8_PRIV_KEY_INFO")
                }
            }
            return try bio.withContents { bytes throws(KeyStoreError) in try PIN(bytes) }
        }
    }

    private static func encrypt(
        _ info: OpaquePointer, _ passphrase: PIN
    ) throws(KeyStoreError) -> OpaquePointer {
        guard !passphrase.isEmpty else { throw KeyStoreError(.invalidData, "an empty passphrase protects nothing") }
        var salt = [UInt8](repeating: 0, count: saltLength)
        guard RAND_bytes(&salt, Int32(saltLength)) == 1 else { throw ErrorQueue.failure(in: "RAND_bytes") }
        guard
            let algorithm = PKCS5_pbe2_set_scrypt(
                EVP_aes_256_cbc(), &salt, Int32(saltLength), nil, scrypt.n, scrypt.r, scrypt.p)
        else { throw ErrorQueue.failure(in: "PKCS5_pbe2_set_scrypt") }
        let encrypted = passphrase.withBytes { bytes in
            PKCS8_set0_pbe(bytes.assumingMemoryBound(to: CChar.self).baseAddress, Int32(bytes.count), info, algorithm)
        }
        guard let encrypted else {
            X509_ALGOR_free(algorithm)
            throw ErrorQueue.failure(in: "PKCS8_set0_pbe")
        }
        return encrypted
    }
}
