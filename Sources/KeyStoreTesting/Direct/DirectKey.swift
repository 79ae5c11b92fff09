import KeyStoreCore
import KeyStorePlugin

/// A backend's key as callers see it.
final class DirectKey: Key, Decrypting, KeyAgreeing {
    let info: KeyInfo
    private let key: Guarded<any BackendKey>
    private let session: DirectSession

    init(_ key: any BackendKey, session: DirectSession) {
        info = key.info
        self.key = Guarded(key)
        self.session = session
    }

    func publicKey() async throws(KeyStoreError) -> PublicKey {
        try session.use(as: (any BackendSession).self) { (_) throws(KeyStoreError) in
            try key.use { (key) throws(KeyStoreError) in try key.publicKey() }
        }
    }

    func sign(_ input: SigningInput, using algorithm: SignatureAlgorithm) async throws(KeyStoreError) -> [UInt8] {
        guard info.algorithms.contains(algorithm) else {
            throw KeyStoreError(.unsupportedMechanism, "this key does not sign with \(algorithm)")
        }
        let (bytes, form): ([UInt8], SigningForm) =
            switch input {
            case .message(let bytes): (bytes, .message)
            case .digest(let bytes): (bytes, .digest)
            }
        if form == .digest, bytes.count != algorithm.hash?.digestLength {
            throw KeyStoreError(.invalidData, "this is no digest for \(algorithm)")
        }
        return try session.use(as: (any BackendSession).self) { (_) throws(KeyStoreError) in
            try key.use { (key) throws(KeyStoreError) in
                let result: Result<[UInt8], KeyStoreError> = bytes.withUnsafeBytes { bytes in
                    do throws(KeyStoreError) {
                        return .success(try key.sign(bytes, form: form, using: algorithm))
                    } catch {
                        return .failure(error)
                    }
                }
                return try result.get()
            }
        }
    }

    var decrypting: (any Decrypting)? {
        session.has(.decrypting) && !info.decryptionAlgorithms.isEmpty ? self : nil
    }

    func decrypt(_ ciphertext: [UInt8], using algorithm: EncryptionAlgorithm) async throws(KeyStoreError) -> PIN {
        guard info.decryptionAlgorithms.contains(algorithm) else {
            throw KeyStoreError(.unsupportedMechanism, "this key does not decrypt \(algorithm)")
        }
        return try use { (key: any DecryptingBackendKey) throws(KeyStoreError) in
            let result: Result<PIN, KeyStoreError> = ciphertext.withUnsafeBytes { bytes in
                do throws(KeyStoreError) {
                    return .success(try key.decrypt(bytes, using: algorithm))
                } catch {
                    return .failure(error)
                }
            }
            return try result.get()
        }
    }

    var agreeing: (any KeyAgreeing)? { session.has(.agreeing) && info.canAgree ? self : nil }

    func sharedSecret(with peer: PublicKey) async throws(KeyStoreError) -> PIN {
        guard peer.type == info.type else {
            throw KeyStoreError(.invalidData, "the other public key is of another type than this key")
        }
        return try use { (key: any AgreeingBackendKey) throws(KeyStoreError) in try key.sharedSecret(with: peer) }
    }

    private func use<Able, Result>(_ body: (Able) throws(KeyStoreError) -> Result) throws(KeyStoreError) -> Result {
        try session.use(as: (any BackendSession).self) { (_) throws(KeyStoreError) in
            try key.use { (key) throws(KeyStoreError) in
                guard let key = key as? Able else {
                    throw KeyStoreError(.unsupportedOperation, "the backend declares an ability that its keys lack")
                }
                return try body(key)
            }
        }
    }
}
