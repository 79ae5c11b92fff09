import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension FileSession: SDKReferencingBackendSession {
    /// The private key itself as PKCS#8 PEM, the one form that both OpenZiti SDKs read.
    func sdkReference(at uri: KeyStoreURI) throws(KeyStoreError) -> PIN {
        try doing("make SDK reference", uri) { () throws(KeyStoreError) in
            let path = try path(ofKey: uri)
            let isEncrypted = try CheckedFile.read(path, .secret, absent: .noSuchKey) {
                bytes, _ throws(KeyStoreError) in
                try Self.naming(path) { () throws(KeyStoreError) in try PrivateKey.isEncrypted(pem: bytes) }
            }
            guard !isEncrypted else {
                throw KeyStoreError(
                    .policyRefused,
                    "\(path.text) is encrypted, and the OpenZiti SDKs cannot ask for a passphrase; remedy: give them an "
                        + "unencrypted copy, made with: openssl pkey -in \(path.text) -out NEW (with umask 077)")
            }
            let text = try open(path).key.pem(passphrase: nil)
            host.notice(
                .warning(
                    "The private key of \(path.text) is copied; whoever can read where it goes can use it, and deleting "
                        + "the key file does not delete the copy."))
            return text
        }
    }
}
