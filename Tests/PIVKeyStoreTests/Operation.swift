import KeyStoreCore
import KeyStorePlugin
import KeyStoreTesting
import PIVKeyStore
import VirtualYubiKey

/// Each thing that is done with a card, for tests that disturb all of them.
enum Operation: String, CaseIterable {
    case open, list, find, logIn, sign, signWithPIN, decrypt, agree, generate, importKey, certificates, store, attest, move,
        delete, changePIN, unblock, setRetries, managementKey, reset

    /// The command of the operation that is disturbed: one in its middle.
    var command: Int {
        switch self {
        case .find, .sign, .logIn, .attest, .agree: 1
        case .open, .signWithPIN, .list, .decrypt, .certificates: 2
        case .changePIN, .unblock: 5
        default: 4
        }
    }

    /// Makes everything ready, and returns the operation itself.
    func prepare(_ bench: Bench) throws -> () throws -> Void {
        let key = bench.key
        try key.generate(.p256, in: .authentication)
        try key.generate(.p256, in: .signature)
        try key.generate(.rsa2048, in: .keyManagement)
        try key.putCertificate(in: .authentication, commonName: "test")
        bench.host.answers[.newPIN] = "135791"
        bench.host.answers[.newPUK] = "13579135"
        bench.host.answers[.newManagementKey] = String(repeating: "0a", count: 24)
        if let administration = try administration(bench) { return administration }
        if self == .open { return { try bench.session().close() } }
        let session = try bench.session(login: self == .logIn || self == .list ? .whenNeeded : .atOnce)
        func uri(_ slot: String) throws -> KeyStoreURI { try KeyStoreURI("piv:slot=\(slot)") }
        switch self {
        case .list: return { try session.forEachKey(matching: nil) { _ in true } }
        case .find: return { _ = try session.key(at: uri("9a")) }
        case .logIn:
            return { _ = try bench.session(login: .atOnce) }
        case .sign:
            let key = try session.key(at: uri("9a"))
            return { _ = try key.sign([1]) }
        case .signWithPIN:
            let key = try session.key(at: uri("9c"))
            return { _ = try key.sign([1]) }
        case .decrypt:
            let key = try session.key(at: uri("9d")) as? any DecryptingBackendKey
            let ciphertext = [UInt8](repeating: 1, count: 256)
            return {
                _ = try ciphertext.withUnsafeBytes { bytes in
                    Result { () throws(KeyStoreError) in try key?.decrypt(bytes, using: .rsaPKCS1) }
                }.get()
            }
        case .agree:
            let key = try session.key(at: uri("9a")) as? any AgreeingBackendKey
            let peer = try PublicKey(der: try YubiKey().generate(.p256, in: .authentication))
            return { _ = try key?.sharedSecret(with: peer) }
        case .generate: return { _ = try session.generateKey(.ecP256, at: uri("82")) }
        case .importKey:
            let pem = try PEM.p256()
            return { _ = try session.importPEM(pem, at: uri("82")) }
        case .certificates:
            return { _ = try (session as? any CertificateBackendSession)?.certificates(at: uri("9a")) }
        case .store:
            let certificate = try requireValue(key.certificate(in: .authentication))
            return { try (session as? any CertificateBackendSession)?.store([certificate], at: uri("9a")) }
        case .attest: return { _ = try (session as? any KeyAttestingBackendSession)?.attestation(at: uri("9a")) }
        case .move: return { _ = try (session as? any KeyMovingBackendSession)?.moveKey(at: uri("9a"), to: uri("82")) }
        case .delete: return { try (session as? any KeyDeletingBackendSession)?.deleteKey(at: uri("9a")) }
        default: return {}
        }
    }

    private func administration(_ bench: Bench) throws -> (() throws -> Void)? {
        let (store, host) = (try bench.store(), bench.host)
        switch self {
        case .changePIN: return { try store.changePIN(of: .user, host: host) }
        case .unblock: return { try store.unblockPIN(host: host) }
        case .setRetries: return { try store.setRetries(pinTries: 5, pukTries: 5, host: host) }
        case .managementKey: return { try store.changeManagementKey(algorithm: nil, host: host) }
        case .reset: return { _ = try store.reset(host: host) }
        default: return nil
        }
    }
}

/// The value, or a failure where there is none.
func requireValue<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw NothingThrown() }
    return value
}
