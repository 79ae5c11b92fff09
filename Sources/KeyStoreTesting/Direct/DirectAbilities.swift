import KeyStoreCore
import KeyStorePlugin

/// The abilities of a backend's session.
struct DirectAbilities: CertificateStoring, KeyDeleting, KeyImporting, KeyRelabelling, SDKReferencing {
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

    func importKey(pem: PIN, purpose: KeyPurpose, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        try session.use(as: (any KeyImportingBackendSession).self) { (session) throws(KeyStoreError) in
            let key = try pem.withBytes { (bytes) throws(KeyStoreError) in
                try session.importKey(pem: bytes, purpose: purpose, at: uri)
            }
            return DirectKey(key, session: self.session)
        }
    }

    func relabel(at uri: KeyStoreURI, label: String?, id: [UInt8]?) async throws(KeyStoreError) -> KeyInfo {
        try session.use(as: (any RelabellingBackendSession).self) { (session) throws(KeyStoreError) in
            try session.relabel(at: uri, label: label, id: id)
        }
    }

    func sdkReference(at uri: KeyStoreURI) async throws(KeyStoreError) -> PIN {
        try session.use(as: (any SDKReferencingBackendSession).self) { (session) throws(KeyStoreError) in
            try session.sdkReference(at: uri)
        }
    }
}
