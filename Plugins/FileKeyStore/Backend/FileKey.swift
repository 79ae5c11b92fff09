import KeyStoreCore
import KeyStorePlugin
import LibCrypto

/// A key of a file, ready to sign.
final class FileKey: BackendKey {
    let info: KeyInfo
    private let file: OpenedKeyFile

    init(_ file: OpenedKeyFile) throws(KeyStoreError) {
        self.file = file
        info = try KeyInfo(
            file: file.path, publicKey: file.publicKey, isEncrypted: file.isEncrypted)
    }

    func publicKey() throws(KeyStoreError) -> PublicKey { file.publicKey }

    func sign(
        _ input: UnsafeRawBufferPointer, form: SigningForm, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        switch form {
        case .message: try file.key.sign(message: input, using: algorithm)
        case .digest: try file.key.sign(digest: input, using: algorithm)
        }
    }
}

extension KeyInfo {
    /// What is known of a key file. Without a public key, which an encrypted file does not show, the type is unknown.
    init(file path: AbsolutePath, publicKey: PublicKey?, isEncrypted: Bool) throws(KeyStoreError) {
        self.init(
            uri: try path.uri, type: publicKey?.type, label: path.nameText, publicKey: publicKey,
            algorithms: publicKey?.type.algorithms ?? [], protection: isEncrypted ? .passphrase : [],
            hasCertificate: FileStatus(following: path.certificateFile)?.isRegular ?? false, isExtractable: true)
    }
}
