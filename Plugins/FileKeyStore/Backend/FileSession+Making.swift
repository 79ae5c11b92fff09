import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension FileSession: KeyImportingBackendSession, KeyDeletingBackendSession {
    func generateKey(
        _ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        try demandSigning(purpose, type)
        return try doing("generate key", uri) { () throws(KeyStoreError) in
            let path = try reserve(uri)
            guard KeyType.generatable.contains(type) else {
                throw KeyStoreError(.unsupportedMechanism, "keys of type \(type) are not made here")
            }
            return try write(PrivateKey.generate(type), to: path)
        }
    }

    func importKey(
        pem: UnsafeRawBufferPointer, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        try demandSigning(purpose)
        return try doing("import key", uri) { () throws(KeyStoreError) in
            let path = try reserve(uri)
            let key = try PrivateKey(pem: pem) { () throws(KeyStoreError) in
                try secret(.passphrase, "the key to be imported", path)
            }
            try demandSigning(purpose, key.type)
            try key.checkPair()
            return try write(key, to: path)
        }
    }

    func deleteKey(at uri: KeyStoreURI) throws(KeyStoreError) {
        try doing("delete key", uri) { () throws(KeyStoreError) in
            try requireWritable()
            let path = try path(ofExistingKey: uri)
            guard FileStatus(at: path)?.isSymbolicLink == false else {
                throw KeyStoreError(
                    .policyRefused,
                    "\(path.text) is a symbolic link, and removing it would leave the key; delete the file it leads to")
            }
            // In this order nothing is left that a new key could be mistaken for.
            if CertificateFile.isPresent(of: path) { try CertificateFile.remove(of: path) }
            try NewFile.remove(path)
            forget(path)
        }
    }

    /// The path for a new key, after everything was checked that can be before a person is asked for a passphrase.
    private func reserve(_ uri: KeyStoreURI) throws(KeyStoreError) -> AbsolutePath {
        try requireWritable()
        let path = try path(ofNewFile: uri)
        guard !FolderListing.isCertificate(path.name) else {
            throw KeyStoreError(.invalidURI, "names that end in .crt belong to certificates, and not to keys")
        }
        guard FileStatus(at: path) == nil else {
            throw KeyStoreError(.keyExists, "there is a file \(path.text) already, and it is kept")
        }
        guard !CertificateFile.isPresent(of: path) else {
            throw KeyStoreError(
                .keyExists,
                "\(path.certificateFile.text) holds certificates of a key that was at \(path.text); "
                    + "remove it, or choose another name")
        }
        try NewFile.checkFolder(of: path)
        return path
    }

    private func write(_ key: PrivateKey, to path: AbsolutePath) throws(KeyStoreError) -> FileKey {
        let passphrase = try secret(.newPassphrase, path.text, path)
        let text = try key.pem(passphrase: passphrase.isEmpty ? nil : passphrase)
        try text.withBytes { bytes throws(KeyStoreError) in try NewFile.create(path, bytes) }
        guard let status = FileStatus(following: path) else {
            throw KeyStoreError(.writeFailed, "\(path.text) vanished after it was written", native: .errno("stat"))
        }
        let file = try OpenedKeyFile(path, isEncrypted: !passphrase.isEmpty, status: status, key: key)
        keep(file)
        return try FileKey(file)
    }

    private static func reason(_ type: KeyType?) -> String {
        guard let type, !type.purposes.contains(.sign) else { return "" }
        return ", and \(type) keys sign nothing"
    }

    private func demandSigning(_ purpose: KeyPurpose, _ type: KeyType? = nil) throws(KeyStoreError) {
        guard purpose == .sign, type?.purposes.contains(.sign) ?? true else {
            throw KeyStoreError(
                .unsupportedMechanism, "key files are for signing only\(Self.reason(type))", operation: "make key")
        }
    }
}
