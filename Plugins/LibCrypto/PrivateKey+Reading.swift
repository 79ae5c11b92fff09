internal import CLibCrypto
public import KeyStoreCore

extension PrivateKey {
    /// Reads the first private key of a PEM text: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 A.1.2) or SEC1 (RFC 5915), plain or
    /// encrypted in either way that OpenSSL writes. Other blocks, such as EC PARAMETERS or certificates, are skipped.
    ///
    /// `passphrase` is called at most once, and only for an encrypted key; what it throws is thrown. A wrong passphrase is
    /// `pinIncorrect`, text without a whole private key or longer than 1 MiB `invalidData`, a type or cipher that this
    /// library or OpenSSL does not have `unsupportedMechanism`.
    public convenience init(
        pem: UnsafeRawBufferPointer, passphrase: () throws(KeyStoreError) -> PIN
    ) throws(KeyStoreError) {
        let key = try ErrorQueue.bracketed { () throws(KeyStoreError) in
            var key: OpaquePointer?
            try PEMBlock.forEach(in: pem) { block throws(KeyStoreError) in
                guard block.holdsPrivateKey else { return true }
                key = try PrivateKeyDecoder.decode(block, passphrase)
                return false
            }
            guard let key else { throw KeyStoreError(.invalidData, "there is no PEM private key in it") }
            return key
        }
        try self.init(adopting: key)
        ERR_clear_error()
    }

    /// Whether the first private key of a PEM text needs a passphrase. Throws `invalidData` as the initialiser does, and reads
    /// no further than the block's frame.
    public static func isEncrypted(pem: UnsafeRawBufferPointer) throws(KeyStoreError) -> Bool {
        try ErrorQueue.bracketed { () throws(KeyStoreError) in
            var answer: Bool?
            try PEMBlock.forEach(in: pem) { block throws(KeyStoreError) in
                guard block.holdsPrivateKey else { return true }
                answer = block.isEncrypted
                return false
            }
            guard let answer else { throw KeyStoreError(.invalidData, "there is no PEM private key in it") }
            return answer
        }
    }
}
