import KeyStoreCore
import KeyStorePlugin
import LibCrypto

/// A session on one folder. It asks for a passphrase once for each key file, and keeps the open key until its end.
final class FileSession: BackendSession {
    let folder: AbsolutePath
    let options: SessionOptions
    let host: any BackendHost
    private var opened: [AbsolutePath: OpenedKeyFile] = [:]

    init(on folder: AbsolutePath, _ options: SessionOptions, _ host: any BackendHost) {
        self.folder = folder
        self.options = options
        self.host = host
    }

    var token: TokenInfo {
        get throws(KeyStoreError) { try FileBackend.token(folder) }
    }

    func key(at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey {
        try doing("find key", uri) { () throws(KeyStoreError) in try FileKey(open(try path(ofKey: uri))) }
    }

    func publicKey(at uri: KeyStoreURI) throws(KeyStoreError) -> PublicKey {
        try doing("find public key", uri) { () throws(KeyStoreError) in
            let path = try path(ofKey: uri)
            if let known = try publicKeyWithoutPassphrase(of: path) { return known }
            return try open(path).publicKey
        }
    }

    func close() {
        for file in opened.values { file.close() }
        opened = [:]
    }

    // MARK: Open keys

    /// The key file at the path, decrypted. Opens it once, and again only if it has been exchanged.
    func open(_ path: AbsolutePath) throws(KeyStoreError) -> OpenedKeyFile {
        if let known = stillOpen(path) { return known }
        let file = try CheckedFile.read(path, .secret, absent: .noSuchKey) { bytes, status throws(KeyStoreError) in
            try Self.naming(path) { () throws(KeyStoreError) in
                let isEncrypted = try PrivateKey.isEncrypted(pem: bytes)
                let key = try PrivateKey(pem: bytes) { () throws(KeyStoreError) in
                    try secret(.passphrase, path.text, path)
                }
                return try OpenedKeyFile(path, isEncrypted: isEncrypted, status: status, key: key)
            }
        }
        keep(file)
        return file
    }

    /// The open key, if the file is still the one that was read.
    func stillOpen(_ path: AbsolutePath) -> OpenedKeyFile? {
        guard let file = opened[path] else { return nil }
        if FileStatus(following: path) == file.status { return file }
        forget(path)
        return nil
    }

    /// Keeps an open key until the session ends.
    func keep(_ file: OpenedKeyFile) { opened[file.path] = file }

    /// Ends the use of an open key.
    func forget(_ path: AbsolutePath) { opened.removeValue(forKey: path)?.close() }

    /// Asks for a secret, unless the session was opened so that nobody is asked.
    func secret(
        _ kind: PINRequest.Kind, _ subject: String, _ path: AbsolutePath
    ) throws(KeyStoreError) -> PIN {
        guard kind == .newPassphrase || options.login != .never else {
            throw KeyStoreError(.pinRequired, "\(subject) is encrypted, and this session asks for no passphrase")
        }
        return try host.secret(PINRequest(kind: kind, subject: subject, uri: try path.uri.text))
    }

    // MARK: Names

    /// The path of the one key that the URI means: the file, or the only key in the session's folder.
    func path(ofKey uri: KeyStoreURI) throws(KeyStoreError) -> AbsolutePath {
        let path = try FileReference(uri).path
        guard path == folder else {
            guard path.folder == folder else { throw outside(path, .noSuchKey) }
            guard FileStatus(following: path)?.isFolder != true else {
                throw KeyStoreError(.noSuchKey, "\(path.text) is a folder inside the one this session is on")
            }
            return path
        }
        let keys = try keysInFolder()
        guard keys.count <= 1 else {
            var candidates: [KeyStoreURI] = []
            for key in keys { candidates.append(try key.uri) }
            throw KeyStoreError.ambiguousKey(candidates, at: uri)
        }
        guard let key = keys.first else { throw KeyStoreError(.noSuchKey, "there is no key file in \(folder.text)") }
        return key
    }

    /// The path of a file that may be made: in the session's folder, and no folder itself.
    func path(ofNewFile uri: KeyStoreURI) throws(KeyStoreError) -> AbsolutePath {
        let path = try FileReference(uri).path
        guard path != folder else {
            throw KeyStoreError(.invalidURI, "\(path.text) is a folder; a new key needs the path of a file in it")
        }
        guard path.folder == folder else { throw outside(path, .invalidURI) }
        return path
    }

    private func outside(_ path: AbsolutePath, _ code: KeyStoreError.Code) -> KeyStoreError {
        KeyStoreError(code, "\(path.text) is not in \(folder.text), the folder that this session is on")
    }

    func requireWritable() throws(KeyStoreError) {
        guard options.isWritable else {
            throw KeyStoreError(.policyRefused, "the session was opened for reading and signing only")
        }
    }

    /// Adds to what is thrown what was being done, and to what.
    func doing<Result>(
        _ operation: String, _ uri: KeyStoreURI, _ body: () throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        do {
            return try body()
        } catch {
            throw error.during(operation, of: uri.text)
        }
    }

    /// Adds the file's name to what was found wrong with its contents.
    static func naming<Result>(
        _ path: AbsolutePath, _ body: () throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        do {
            return try body()
        } catch {
            guard error.code == .invalidData || error.code == .unsupportedMechanism || error.code == .pinIncorrect
            else { throw error }
            var error = error
            error.message = "in \(path.text): \(error.message)"
            throw error
        }
    }
}
