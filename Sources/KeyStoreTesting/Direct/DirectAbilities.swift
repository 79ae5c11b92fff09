import KeyStoreCore
import KeyStorePlugin

/// The abilities of a backend's session.
struct DirectAbilities: CertificateStoring, KeyDeleting, KeyImporting, SDKReferencing {
    let session: DirectSession

    func certificates(at uri: KeyStoreURI) async throws(KeyStoreError) -> [[UInt8]] {
        try session.use(as: (any CertificateBackendSession).self) { (session) throws(KeyStoreError) in
            try session.certificates(at: uri)
        }
    }

    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) async throws(KeyStoreError) {
        try session.use(as: (any CertificateBackendSession).self) { (session) throws(KeyStoreError) in
            try session.store(certificates, at: uri)
        }
    }

    func removeCertificates(at uri: KeyStoreURI) async throws(KeyStoreError) {
        try session.use(as: (any CertificateBackendSession).self) { (session) throws(KeyStoreError) in
            try session.removeCertificates(at: uri)
        }
    }

    func deleteKey(at uri: KeyStoreURI) async throws(KeyStoreError) {
        try session.use(as: (any KeyDeletingBackendSession).self) { (session) throws(KeyStoreError) in
            try session.deleteKey(at: uri)
        }
    }

    func importKey(pem: PIN, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        try session.use(as: (any KeyImportingBackendSession).self) { (session) throws(KeyStoreError) in
            let key = try pem.withBytes { (bytes) throws(KeyStoreError) in try session.importKey(pem: bytes, at: uri) }
            return DirectKey(key, session: self.session)
        }
    }

    func sdkReference(at uri: KeyStoreURI) async throws(KeyStoreError) -> PIN {
        try session.use(as: (any SDKReferencingBackendSession).self) { (session) throws(KeyStoreError) in
            try session.sdkReference(at: uri)
        }
    }
}
