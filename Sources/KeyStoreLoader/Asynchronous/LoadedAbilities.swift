import KeyStoreCore

/// The abilities of a loaded session. Handed out for those that its plugin has.
struct LoadedAbilities: CertificateStoring, KeyDeleting, KeyImporting, KeyRelabelling, SDKReferencing {
    let session: LoadedSession

    func certificates(at uri: KeyStoreURI) async throws(KeyStoreError) -> [[UInt8]] {
        try await session.run { (session) throws(KeyStoreError) in try session.certificates(at: uri) }
    }

    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) async throws(KeyStoreError) {
        try await session.run { (session) throws(KeyStoreError) in try session.store(certificates, at: uri) }
    }

    func removeCertificates(at uri: KeyStoreURI) async throws(KeyStoreError) {
        try await session.run { (session) throws(KeyStoreError) in try session.removeCertificates(at: uri) }
    }

    func deleteKey(at uri: KeyStoreURI) async throws(KeyStoreError) {
        try await session.run { (session) throws(KeyStoreError) in try session.deleteKey(at: uri) }
    }

    func importKey(pem: PIN, purpose: KeyPurpose, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        LoadedKey(
            try await session.run { (session) throws(KeyStoreError) in
                try session.importKey(pem: pem, purpose: purpose, at: uri)
            }, session: session)
    }

    func relabel(at uri: KeyStoreURI, label: String?, id: [UInt8]?) async throws(KeyStoreError) -> KeyInfo {
        try await session.run { (session) throws(KeyStoreError) in try session.relabel(at: uri, label: label, id: id) }
    }

    func sdkReference(at uri: KeyStoreURI) async throws(KeyStoreError) -> PIN {
        try await session.run { (session) throws(KeyStoreError) in try session.sdkReference(at: uri) }
    }
}
