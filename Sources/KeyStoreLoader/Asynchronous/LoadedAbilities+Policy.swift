import KeyStoreCore

extension LoadedAbilities: KeyPolicySetting, KeyAttesting, KeyMoving {
    func generateKey(
        _ type: KeyType, options: NewKeyOptions, at uri: KeyStoreURI
    ) async throws(KeyStoreError) -> any Key {
        LoadedKey(
            try await session.run { (session) throws(KeyStoreError) in
                try session.generateKey(type, options: options, at: uri)
            }, session: session)
    }

    func importKey(pem: PIN, options: NewKeyOptions, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        LoadedKey(
            try await session.run { (session) throws(KeyStoreError) in
                try session.importKey(pem: pem, options: options, at: uri)
            }, session: session)
    }

    func attestation(at uri: KeyStoreURI) async throws(KeyStoreError) -> [[UInt8]] {
        try await session.run { (session) throws(KeyStoreError) in try session.attestation(at: uri) }
    }

    func moveKey(at uri: KeyStoreURI, to place: KeyStoreURI) async throws(KeyStoreError) -> KeyInfo {
        try await session.run { (session) throws(KeyStoreError) in try session.moveKey(at: uri, to: place) }
    }
}
