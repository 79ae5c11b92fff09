import KeyStoreCore
import KeyStorePlugin

extension DirectAbilities: KeyPolicySetting, KeyAttesting, KeyMoving {
    func generateKey(
        _ type: KeyType, options: NewKeyOptions, at uri: KeyStoreURI
    ) async throws(KeyStoreError) -> any Key {
        try session.use(as: (any KeyPolicyBackendSession).self) { (session) throws(KeyStoreError) in
            DirectKey(try session.generateKey(type, options: options, at: uri), session: self.session)
        }
    }

    func importKey(pem: PIN, options: NewKeyOptions, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        try session.use(as: (any KeyPolicyBackendSession).self) { (session) throws(KeyStoreError) in
            let key = try pem.withBytes { (bytes) throws(KeyStoreError) in
                try session.importKey(pem: bytes, options: options, at: uri)
            }
            return DirectKey(key, session: self.session)
        }
    }

    func attestation(at uri: KeyStoreURI) async throws(KeyStoreError) -> [[UInt8]] {
        try session.use(as: (any KeyAttestingBackendSession).self) { (session) throws(KeyStoreError) in
            try session.attestation(at: uri)
        }
    }

    func moveKey(at uri: KeyStoreURI, to place: KeyStoreURI) async throws(KeyStoreError) -> KeyInfo {
        try session.use(as: (any KeyMovingBackendSession).self) { (session) throws(KeyStoreError) in
            try session.moveKey(at: uri, to: place)
        }
    }
}
