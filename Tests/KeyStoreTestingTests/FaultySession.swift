import KeyStoreCore
import KeyStorePlugin

/// A session with one fault.
final class FaultySession: CertificateBackendSession, KeyDeletingBackendSession, KeyImportingBackendSession,
    RelabellingBackendSession, KeyPolicyBackendSession, KeyAttestingBackendSession, KeyMovingBackendSession
{
    typealias Inner = CertificateBackendSession & KeyDeletingBackendSession & KeyImportingBackendSession
        & RelabellingBackendSession & KeyPolicyBackendSession & KeyAttestingBackendSession & KeyMovingBackendSession

    private let inner: any Inner
    private let fault: Fault
    private var made: Set<String> = []

    init(_ inner: any Inner, fault: Fault) {
        self.inner = inner
        self.fault = fault
    }

    var token: TokenInfo { get throws(KeyStoreError) { try inner.token } }

    func forEachKey(matching uri: KeyStoreURI?, _ body: (KeyInfo) -> Bool) throws(KeyStoreError) {
        var infos: [KeyInfo] = []
        try inner.forEachKey(matching: uri) { info in
            infos.append(info)
            return true
        }
        for var info in infos {
            if fault == .listsSecrets { info.uri = try KeyStoreURI("\(info.uri.text)?pin-value=1234") }
            let goesOn = body(info)
            guard goesOn || fault == .listsOn else { return }
        }
    }

    func key(at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey {
        do throws(KeyStoreError) {
            let key = try inner.key(at: uri)
            guard fault != .forgetsKeys || made.contains(key.info.label) else {
                throw KeyStoreError(.noSuchKey, "it is forgotten")
            }
            return wrap(key)
        } catch {
            guard fault == .choosesOne, error.code == .ambiguousKey else { throw error }
            var first: KeyInfo?
            try inner.forEachKey(matching: uri) { info in
                first = info
                return false
            }
            return try inner.key(at: first!.uri)
        }
    }

    func publicKey(at uri: KeyStoreURI) throws(KeyStoreError) -> PublicKey {
        let publicKey = try inner.publicKey(at: uri)
        guard fault == .namesAnotherPublicKey else { return publicKey }
        // The generator of P-256, which is nobody's key.
        var der = publicKey.der
        der.replaceSubrange(der.count - 64..<der.count, with: (0..<64).map { UInt8($0) })
        return try PublicKey(der: der)
    }

    func generateKey(
        _ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        guard fault.generatable.contains(type) else {
            throw KeyStoreError(.unsupportedMechanism, "keys of this type are not made")
        }
        if fault == .overwrites { try? inner.deleteKey(at: uri) }
        var purpose = purpose
        if fault == .servesEveryPurpose, purpose == .sign { purpose.insert(type == .ecP256 ? .agree : .decrypt) }
        return wrap(try inner.generateKey(type, purpose: purpose, at: uri))
    }

    func importKey(
        pem: UnsafeRawBufferPointer, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        wrap(try inner.importKey(pem: pem, purpose: purpose, at: uri))
    }

    func generateKey(
        _ type: KeyType, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        var options = options
        if fault == .ignoresPolicies { (options.pinPolicy, options.touchPolicy) = (nil, nil) }
        if fault == .replacesUnasked { options.replaces = true }
        return wrap(try inner.generateKey(type, options: options, at: uri))
    }

    func importKey(
        pem: UnsafeRawBufferPointer, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        wrap(try inner.importKey(pem: pem, options: options, at: uri))
    }

    func attestation(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        do throws(KeyStoreError) {
            let chain = try inner.attestation(at: uri)
            // The last one is the issuer's own.
            return fault == .attestsAnotherKey ? [chain[chain.count - 1]] : chain
        } catch {
            guard fault == .attestsImportedKeys, error.code == .policyRefused else { throw error }
            return [[0x30, 0x00]]
        }
    }

    func moveKey(at uri: KeyStoreURI, to place: KeyStoreURI) throws(KeyStoreError) -> KeyInfo {
        if fault == .movesOverOthers { try? inner.deleteKey(at: place) }
        let info = try inner.moveKey(at: uri, to: place)
        made.insert(info.label)
        if fault == .losesCertificates { try inner.removeCertificates(at: info.uri) }
        return info
    }

    func deleteKey(at uri: KeyStoreURI) throws(KeyStoreError) {
        if fault == .keepsDeletedKeys { _ = try inner.key(at: uri) } else { try inner.deleteKey(at: uri) }
    }

    func relabel(at uri: KeyStoreURI, label: String?, id: [UInt8]?) throws(KeyStoreError) -> KeyInfo {
        switch fault {
        case .keepsTheLabel:
            var info = try inner.key(at: uri).info
            info.label = label ?? info.label
            info.id = id ?? info.id
            return info
        case .relabelsOverOthers:
            do throws(KeyStoreError) {
                return try inner.relabel(at: uri, label: label, id: id)
            } catch {
                guard error.code == .keyExists else { throw error }
                return try inner.key(at: uri).info
            }
        default:
            let info = try inner.relabel(at: uri, label: label, id: id)
            made.insert(info.label)
            return info
        }
    }

    func certificates(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        let chain = try inner.certificates(at: uri)
        return fault == .forgetsIssuers ? Array(chain.prefix(1)) : chain
    }

    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) throws(KeyStoreError) {
        do throws(KeyStoreError) {
            try inner.store(certificates, at: uri)
        } catch {
            guard fault == .takesForeignCertificates, error.code == .invalidData else { throw error }
        }
    }

    func removeCertificates(at uri: KeyStoreURI) throws(KeyStoreError) { try inner.removeCertificates(at: uri) }

    func close() { inner.close() }

    private func wrap(_ key: any BackendKey) -> any BackendKey {
        made.insert(key.info.label)
        switch fault {
        case .wrongSignature: return key.info.algorithms.isEmpty ? key : WronglySigningKey(key)
        case .wrongPlaintext, .tellsCiphertextsApart, .sharesAnotherSecret, .sharesZeros,
            .takesPeersOffTheCurve:
            return IndiscreetKey(key as! any IndiscreetKey.Inner, fault: fault)
        default: return key
        }
    }
}
