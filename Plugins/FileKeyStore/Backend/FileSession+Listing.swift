import Glibc
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension FileSession {
    func forEachKey(matching uri: KeyStoreURI?, _ body: (KeyInfo) -> Bool) throws(KeyStoreError) {
        let asked = try uri.map { uri throws(KeyStoreError) in try FileReference(uri).path } ?? folder
        var paths: [AbsolutePath] = []
        if asked == folder {
            paths = try FolderListing(folder).paths
        } else if asked.folder == folder {
            paths = [asked]
        }
        for path in paths {
            do {
                guard let info = try describe(path) else { continue }
                guard body(info) else { return }
            } catch {
                host.notice(.warning("A key file is left out: \(error.message)."))
            }
        }
    }

    /// The key files in the session's folder. If all that there are had to be refused, the first refusal is thrown: a key that
    /// may not be used is not the same as none.
    func keysInFolder() throws(KeyStoreError) -> [AbsolutePath] {
        var keys: [AbsolutePath] = []
        var refusal: KeyStoreError?
        for path in try FolderListing(folder).paths {
            do {
                if try describe(path) != nil { keys.append(path) }
            } catch {
                refusal = refusal ?? error
            }
        }
        if keys.isEmpty, let refusal { throw refusal }
        return keys
    }

    /// What a file shows without a passphrase; nil for one that is not there or is no key file. Throws for a key file that may
    /// not be used. A file that cannot be read counts as one if its name says so.
    func describe(_ path: AbsolutePath) throws(KeyStoreError) -> KeyInfo? {
        if let file = stillOpen(path) { return try FileKey(file).info }
        guard let status = FileStatus(following: path), status.isRegular else { return nil }
        let isNamedAsKey = Self.keySuffixes.contains { path.name.suffix($0.count).elementsEqual($0) }
        guard isNamedAsKey || status.size <= CheckedFile.maximumLength else { return nil }
        do {
            return try CheckedFile.read(path, nil, absent: .noSuchKey) { bytes, status throws(KeyStoreError) in
                guard Self.showsPrivateKey(bytes) else { return nil }
                try CheckedFile.enforce(.secret, on: status, path)
                return try Self.naming(path) { () throws(KeyStoreError) in try info(path, bytes) }
            }
        } catch {
            if error.code == .noSuchKey { return nil }
            // The contents were seen if there is no native error, or if it is OpenSSL's.
            guard isNamedAsKey || error.native?.domain != NativeError.errnoDomain else { return nil }
            throw error
        }
    }

    private func info(_ path: AbsolutePath, _ bytes: UnsafeRawBufferPointer) throws(KeyStoreError) -> KeyInfo {
        guard try !PrivateKey.isEncrypted(pem: bytes) else {
            return try KeyInfo(file: path, publicKey: publicKeyOfCertificate(of: path), isEncrypted: true)
        }
        var publicKey: PublicKey?
        do {
            publicKey = try PrivateKey(pem: bytes) { () throws(KeyStoreError) in
                throw KeyStoreError(.pinRequired, "the key is encrypted")
            }.publicKey()
        } catch  where error.code == .unsupportedMechanism {
            // It is there, and is listed as a key of a type that cannot be used.
        }
        return try KeyInfo(file: path, publicKey: publicKey, isEncrypted: false)
    }

    /// The public key of a key file, if it can be known without a passphrase.
    func publicKeyWithoutPassphrase(of path: AbsolutePath) throws(KeyStoreError) -> PublicKey? {
        if let file = stillOpen(path) { return file.publicKey }
        let isEncrypted = try CheckedFile.read(path, .secret, absent: .noSuchKey) { bytes, _ throws(KeyStoreError) in
            try Self.naming(path) { () throws(KeyStoreError) in try PrivateKey.isEncrypted(pem: bytes) }
        }
        return isEncrypted ? publicKeyOfCertificate(of: path) : nil
    }

    /// What the certificate beside a key file says, nil where there is none. One that cannot be used is told about: the key
    /// is what counts.
    private func publicKeyOfCertificate(of path: AbsolutePath) -> PublicKey? {
        do {
            return try CertificateFile.read(of: path).first?.publicKey
        } catch {
            if error.code != .noSuchCertificate {
                host.notice(.warning("A certificate is not used: \(error.message)."))
            }
            return nil
        }
    }

    private static let keySuffixes = [Array(".pem".utf8), Array(".key".utf8)]

    private static func showsPrivateKey(_ bytes: UnsafeRawBufferPointer) -> Bool {
        contains(bytes, "-----BEGIN ") && contains(bytes, "PRIVATE KEY-----")
    }

    private static func contains(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        var rest = bytes
        let length = text.utf8CodeUnitCount
        while rest.count >= length, let start = rest.baseAddress {
            guard let found = memchr(start, Int32(text.utf8Start.pointee), rest.count - length + 1) else {
                return false
            }
            if memcmp(found, text.utf8Start, length) == 0 { return true }
            rest = UnsafeRawBufferPointer(rebasing: rest[(UnsafeRawPointer(found) - start + 1)...])
        }
        return false
    }
}
