import Crypto
import KeyStoreCore
import KeyStorePlugin
import SwiftASN1
import Synchronization
import X509

/// A session on a token in memory.
final class InMemorySession: CertificateBackendSession, KeyDeletingBackendSession, KeyImportingBackendSession,
    RelabellingBackendSession, KeyPolicyBackendSession, KeyAttestingBackendSession, KeyMovingBackendSession
{
    let store: InMemoryToken
    private let options: SessionOptions
    let host: any BackendHost
    private var isLoggedIn = false

    init(token: InMemoryToken, options: SessionOptions, host: any BackendHost) throws(KeyStoreError) {
        store = token
        self.options = options
        self.host = host
        if options.login == .atOnce { try login() }
    }

    var token: TokenInfo { get throws(KeyStoreError) { try store.info } }

    func forEachKey(matching uri: KeyStoreURI?, _ body: (KeyInfo) -> Bool) throws(KeyStoreError) {
        let reference: InMemoryReference? = if let uri { try InMemoryReference(uri) } else { nil }
        let isVisible = isLoggedIn || store.state.withLock { $0.pin == nil }
        for entry in matches(reference) {
            var info = try self.info(of: entry)
            info.hasPrivateKey = isVisible
            guard body(info) else { return }
        }
    }

    func key(at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey {
        try login()
        return try key(of: try entry(at: uri))
    }

    func publicKey(at uri: KeyStoreURI) throws(KeyStoreError) -> PublicKey {
        try PublicKey(der: try entry(at: uri).key.publicKeyDER)
    }

    func generateKey(
        _ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        try generateKey(type, options: NewKeyOptions(purpose: purpose), at: uri)
    }

    func importKey(
        pem: UnsafeRawBufferPointer, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        try importKey(pem: pem, options: NewKeyOptions(purpose: purpose), at: uri)
    }

    func relabel(at uri: KeyStoreURI, label: String?, id: [UInt8]?) throws(KeyStoreError) -> KeyInfo {
        try writable()
        try login()
        return try rename(try entry(at: uri), label: label, id: id)
    }

    func rename(_ entry: InMemoryToken.Entry, label: String?, id: [UInt8]?) throws(KeyStoreError) -> KeyInfo {
        var renamed = entry
        renamed.label = label ?? entry.label
        renamed.id = id ?? entry.id
        guard !renamed.id.isEmpty || entry.id.isEmpty else {
            throw KeyStoreError(.invalidData, "an empty id names nothing")
        }
        let isFree = store.state.withLock { state in
            let others = state.entries.filter { $0.id != entry.id || $0.label != entry.label }
            guard !others.contains(where: { $0.id == renamed.id || ($0.label == renamed.label && !$0.label.isEmpty) })
            else { return false }
            state.entries = state.entries.map { $0.id == entry.id && $0.label == entry.label ? renamed : $0 }
            return true
        }
        guard isFree else { throw KeyStoreError(.keyExists, "a key with this label or id exists already") }
        return try info(of: renamed)
    }

    func deleteKey(at uri: KeyStoreURI) throws(KeyStoreError) {
        try writable()
        try login()
        let entry = try entry(at: uri)
        store.state.withLock { state in state.entries.removeAll { $0.id == entry.id && $0.label == entry.label } }
    }

    func certificates(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        let certificates = try entry(at: uri).certificates
        guard !certificates.isEmpty else {
            throw KeyStoreError(.noSuchCertificate, "there is no certificate beside this key")
        }
        return certificates
    }

    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) throws(KeyStoreError) {
        try writable()
        let entry = try entry(at: uri)
        guard let first = certificates.first, let leaf = try? Certificate(derEncoded: first),
            let publicKey = try? leaf.publicKey.serializeAsPEM().derBytes, publicKey == entry.key.publicKeyDER
        else {
            throw KeyStoreError(.invalidData, "the certificate is not for this key")
        }
        replace(entry, with: certificates)
    }

    func removeCertificates(at uri: KeyStoreURI) throws(KeyStoreError) {
        try writable()
        _ = try certificates(at: uri)
        replace(try entry(at: uri), with: [])
    }

    func close() {}

    func login() throws(KeyStoreError) {
        guard !isLoggedIn, store.state.withLock({ $0.pin != nil }) else { return }
        let info = try store.info
        guard options.login != .never else {
            throw KeyStoreError(.pinRequired, "the session was opened without a login")
        }
        let request = PINRequest(
            kind: .pin, subject: info.label, uri: info.uri.text, triesLeft: info.triesLeft,
            countIsLow: info.flags.contains(.pinCountLow))
        try store.login(try host.secret(request))
        isLoggedIn = true
    }

    func writable() throws(KeyStoreError) {
        guard options.isWritable else {
            throw KeyStoreError(.unsupportedOperation, "the session was opened for reading only")
        }
    }

    private func matches(_ reference: InMemoryReference?) -> [InMemoryToken.Entry] {
        store.state.withLock { state in
            state.entries.filter { entry in
                guard let reference else { return true }
                return (reference.label == nil || reference.label == entry.label)
                    && (reference.id == nil || reference.id == entry.id)
            }
        }
    }

    func entry(at uri: KeyStoreURI) throws(KeyStoreError) -> InMemoryToken.Entry {
        let found = matches(try InMemoryReference(uri))
        guard let entry = found.first else { throw KeyStoreError(.noSuchKey, "no key matches this reference") }
        guard found.count == 1 else {
            var candidates: [KeyStoreURI] = []
            for entry in found { candidates.append(try info(of: entry).uri) }
            throw KeyStoreError.ambiguousKey(candidates, at: uri)
        }
        return entry
    }

    private func info(of entry: InMemoryToken.Entry) throws(KeyStoreError) -> KeyInfo {
        let publicKey = try PublicKey(der: entry.key.publicKeyDER)
        return KeyInfo(
            uri: try InMemoryReference(token: store.name, label: entry.label, id: entry.id).uri, type: publicKey.type,
            label: entry.label, id: entry.id, publicKey: publicKey,
            algorithms: entry.purpose.contains(.sign) ? publicKey.type.algorithms : [],
            decryptionAlgorithms: entry.purpose.contains(.decrypt) ? InMemoryKey.decryptionAlgorithms : [],
            canAgree: entry.purpose.contains(.agree),
            protection: protection(of: entry), hasCertificate: !entry.certificates.isEmpty,
            properties: properties(of: entry))
    }

    func demand(_ purpose: KeyPurpose, of type: KeyType) throws(KeyStoreError) {
        guard !purpose.isEmpty, purpose.isSubset(of: type.purposes) else {
            throw KeyStoreError(.unsupportedMechanism, "\(type) keys do not serve this purpose")
        }
    }

    func add(
        _ key: InMemoryKey, _ options: NewKeyOptions, isImported: Bool, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        try writable()
        try login()
        let reference = try InMemoryReference(uri)
        let id = reference.id ?? (0..<8).map { _ in UInt8.random(in: .min ... .max) }
        let entry = InMemoryToken.Entry(
            label: reference.label ?? "", id: id, key: key, options: options, isImported: isImported)
        let isNew = store.state.withLock { state in
            let isTaken = { (other: InMemoryToken.Entry) in
                other.id == id || (other.label == entry.label && !entry.label.isEmpty)
            }
            if options.replaces { state.entries.removeAll(where: isTaken) }
            guard !state.entries.contains(where: isTaken) else { return false }
            state.entries.append(entry)
            return true
        }
        guard isNew else { throw KeyStoreError(.keyExists, "a key with this label or id exists already") }
        return try self.key(of: entry)
    }

    private func key(of entry: InMemoryToken.Entry) throws(KeyStoreError) -> any BackendKey {
        InMemoryBackendKey(info: try info(of: entry), key: entry.key) { [self] () throws(KeyStoreError) in
            try authorise(entry)
        }
    }

    private func replace(_ entry: InMemoryToken.Entry, with certificates: [[UInt8]]) {
        store.state.withLock { state in
            for index in state.entries.indices where state.entries[index].id == entry.id {
                state.entries[index].certificates = certificates
            }
        }
    }
}
