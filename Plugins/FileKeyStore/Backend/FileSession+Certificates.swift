import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension FileSession: CertificateBackendSession {
    func certificates(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        try doing("read certificates", uri) { () throws(KeyStoreError) in
            let path = try path(ofExistingKey: uri)
            return try CertificateFile.read(of: path).map(\.der)
        }
    }

    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) throws(KeyStoreError) {
        try doing("store certificates", uri) { () throws(KeyStoreError) in
            try requireWritable()
            let path = try path(ofExistingKey: uri)
            var parsed: [Certificate] = []
            for der in certificates { parsed.append(try Certificate(der: der)) }
            guard let own = parsed.first else {
                throw KeyStoreError(.invalidData, "there are no certificates to store")
            }
            guard parsed.count <= Certificate.maximumCount else {
                throw KeyStoreError(.invalidData, "more than \(Certificate.maximumCount) certificates are not stored")
            }
            // The key itself is asked, even for a passphrase: the certificate that stands there may be the wrong one.
            guard try own.publicKey == open(path).publicKey else {
                throw KeyStoreError(.invalidData, "the first certificate is for another key than \(path.text)")
            }
            try CertificateFile.write(parsed, of: path)
        }
    }

    func removeCertificates(at uri: KeyStoreURI) throws(KeyStoreError) {
        try doing("remove certificates", uri) { () throws(KeyStoreError) in
            try requireWritable()
            let path = try path(ofExistingKey: uri)
            guard CertificateFile.isPresent(of: path) else {
                throw KeyStoreError(.noSuchCertificate, "there is no file \(path.certificateFile.text)")
            }
            try CertificateFile.remove(of: path)
        }
    }

    /// The path of the one key that the URI means, which is a usable key file.
    func path(ofExistingKey uri: KeyStoreURI) throws(KeyStoreError) -> AbsolutePath {
        let path = try path(ofKey: uri)
        _ = try CheckedFile.read(path, .secret, absent: .noSuchKey) { bytes, _ throws(KeyStoreError) in
            try Self.naming(path) { () throws(KeyStoreError) in try PrivateKey.isEncrypted(pem: bytes) }
        }
        return path
    }
}
