import KeyStoreCore
import LibCrypto

/// A key file that was read in a session, and decrypted if that was needed. The session owns it and ends it.
final class OpenedKeyFile {
    let path: AbsolutePath
    let isEncrypted: Bool
    /// The file as it was when it was read.
    let status: FileStatus
    let publicKey: PublicKey
    private var privateKey: PrivateKey?

    init(_ path: AbsolutePath, isEncrypted: Bool, status: FileStatus, key: PrivateKey) throws(KeyStoreError) {
        self.path = path
        self.isEncrypted = isEncrypted
        self.status = status
        publicKey = try key.publicKey()
        privateKey = key
    }

    /// The key. Throws `cancelled` once the session has ended.
    var key: PrivateKey {
        get throws(KeyStoreError) {
            guard let privateKey else { throw KeyStoreError(.cancelled, "the session that opened this key was closed") }
            return privateKey
        }
    }

    /// Lets go of the private key, which wipes it.
    func close() { privateKey = nil }
}
