import KeyStoreCore
import LibCrypto

/// The certificates that belong to a key file: PEM, in a file whose name is the key's with `.crt` behind it.
enum CertificateFile {
    /// The certificates, the key's own first. No file is `noSuchCertificate`, one that others may write `policyRefused`, one
    /// without certificates `invalidData`.
    static func read(of key: AbsolutePath) throws(KeyStoreError) -> [Certificate] {
        let path = key.certificateFile
        return try CheckedFile.read(path, .trusted, absent: .noSuchCertificate) { bytes, _ throws(KeyStoreError) in
            try FileSession.naming(path) { () throws(KeyStoreError) in
                let certificates = try Certificate.certificates(pem: bytes)
                guard !certificates.isEmpty else {
                    throw KeyStoreError(.invalidData, "there is no PEM certificate in it")
                }
                return certificates
            }
        }
    }

    /// Whether something stands where the certificates of a key would.
    static func isPresent(of key: AbsolutePath) -> Bool { FileStatus(at: key.certificateFile) != nil }

    /// Puts the certificates in place of those that are there.
    static func write(_ certificates: [Certificate], of key: AbsolutePath) throws(KeyStoreError) {
        let text = try Certificate.pem(certificates)
        try text.withUnsafeBytes { bytes in
            Result { () throws(KeyStoreError) in try NewFile.replace(key.certificateFile, bytes) }
        }.get()
    }

    static func remove(of key: AbsolutePath) throws(KeyStoreError) {
        try NewFile.remove(key.certificateFile)
    }
}
