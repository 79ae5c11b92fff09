internal import CLibCrypto
public import KeyStoreCore

/// A block cipher, one block at a time and without a mode: for protocols that consist of single blocks.
public enum BlockCipher {
    /// Triple DES with three keys; 24 bytes, blocks of 8.
    case tripleDES
    /// AES; 16, 24 or 32 bytes, blocks of 16.
    case aes

    /// The length of a block in bytes.
    public var blockLength: Int {
        switch self {
        case .tripleDES: 8
        case .aes: 16
        }
    }

    /// Encrypts or decrypts blocks with a key. Throws `invalidData` for a key or an input of the wrong length, and
    /// `backendFailure` where OpenSSL's configuration takes the cipher away.
    public func apply(
        _ key: PIN, to input: [UInt8], encrypts: Bool
    ) throws(KeyStoreError) -> [UInt8] {
        guard input.count.isMultiple(of: blockLength), let name = name(keyLength: key.count) else {
            throw KeyStoreError(.invalidData, "a key or a block has the wrong length for its cipher")
        }
        return try ErrorQueue.bracketed { () throws(KeyStoreError) in
            guard let cipher = EVP_CIPHER_fetch(nil, name, nil), let context = EVP_CIPHER_CTX_new() else {
                throw ErrorQueue.failure(in: "EVP_CIPHER_fetch")
            }
            defer {
                EVP_CIPHER_CTX_free(context)
                EVP_CIPHER_free(cipher)
            }
            let isReady = key.withBytes { bytes in
                EVP_CipherInit_ex2(
                    context, cipher, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, nil, encrypts ? 1 : 0, nil)
            }
            guard isReady == 1, EVP_CIPHER_CTX_set_padding(context, 0) == 1 else {
                throw ErrorQueue.failure(in: "EVP_CipherInit_ex2")
            }
            let output = [UInt8](unsafeUninitializedCapacity: input.count + blockLength) { buffer, count in
                var length: CInt = 0
                let result = EVP_CipherUpdate(context, buffer.baseAddress, &length, input, CInt(input.count))
                count = result == 1 ? Int(length) : 0
            }
            guard output.count == input.count else { throw ErrorQueue.failure(in: "EVP_CipherUpdate") }
            return output
        }
    }

    private func name(keyLength: Int) -> String? {
        switch (self, keyLength) {
        case (.tripleDES, 24): "DES-EDE3-ECB"
        case (.aes, 16): "AES-128-ECB"
        case (.aes, 24): "AES-192-ECB"
        case (.aes, 32): "AES-256-ECB"
        default: nil
        }
    }
}
