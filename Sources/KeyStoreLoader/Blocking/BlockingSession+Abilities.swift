import CKeyStore
import KeyStoreBridge
public import KeyStoreCore

extension BlockingSession {
    /// The certificates beside the key, DER, its own first. Throws `unsupportedOperation` where the backend has none.
    public func certificates(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        let get = try function(\.certificates, \.get, "stores no certificates")
        let emission = Emission(limit: 65536)
        try call("read certificate", uri) { (state, session, bytes) throws(KeyStoreError) in
            get(session, bytes, Emission.sink, emission.context, state.error.pointer)
        }
        do {
            return try emission.several("certificates")
        } catch {
            throw error.during("read certificate", of: uri.text)
        }
    }

    /// Stores certificates (DER, the key's own first) beside the key in place of those that are there.
    public func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) throws(KeyStoreError) {
        let put = try function(\.certificates, \.put, "stores no certificates")
        // One block of memory, so that all of them can be lent for the call.
        let joined = certificates.flatMap { $0 }
        try call("store certificate", uri) { (state, session, bytes) throws(KeyStoreError) in
            let error = state.error.pointer
            return joined.withUnsafeBytes { all in
                var start = 0
                let parts = certificates.map { certificate in
                    defer { start += certificate.count }
                    return keystore_bytes(
                        UnsafeRawBufferPointer(rebasing: all[start..<start + certificate.count]))
                }
                return put(session, bytes, parts, parts.count, error)
            }
        }
    }

    /// Removes the certificates beside the key.
    public func removeCertificates(at uri: KeyStoreURI) throws(KeyStoreError) {
        let remove = try function(\.certificates, \.remove, "stores no certificates")
        try call("remove certificate", uri) { (state, session, bytes) throws(KeyStoreError) in
            remove(session, bytes, state.error.pointer)
        }
    }

    /// Destroys the one key that the URI matches.
    public func deleteKey(at uri: KeyStoreURI) throws(KeyStoreError) {
        let delete = try function(\.deleting, \.delete_key, "deletes no keys")
        try call("delete key", uri) { (state, session, bytes) throws(KeyStoreError) in
            delete(session, bytes, state.error.pointer)
        }
    }

    /// Stores the private key of a PEM text for the given use.
    public func importKey(
        pem: PIN, purpose: KeyPurpose = .sign, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> BlockingKey {
        try demand(purpose, "import key", uri)
        guard purpose == .sign else {
            let importKey = try function(\.importing, \.import_key_for, "imports keys for signing only")
            return try takeKey("import key", uri) { session, error, bytes, key, sink, context in
                pem.withBytes {
                    importKey(session, purpose.rawValue, bytes, keystore_bytes($0), key, sink, context, error)
                }
            }
        }
        let importKey = try function(\.importing, \.import_key, "imports no keys")
        return try takeKey("import key", uri) { session, error, bytes, key, sink, context in
            pem.withBytes { importKey(session, bytes, keystore_bytes($0), key, sink, context, error) }
        }
    }

    /// The text that the OpenZiti SDKs take as `id.key` for this key.
    public func sdkReference(at uri: KeyStoreURI) throws(KeyStoreError) -> PIN {
        let make = try function(\.sdkReferences, \.make, "has no references that the OpenZiti SDKs read")
        let emission = SecretEmission()
        try call("make SDK reference", uri) { (state, session, bytes) throws(KeyStoreError) in
            make(session, bytes, SecretEmission.sink, emission.context, state.error.pointer)
        }
        return try emission.single("one reference")
    }

    /// Gives the one key that the URI matches another label, another id or both; nil leaves one as it is.
    public func relabel(at uri: KeyStoreURI, label: String?, id: [UInt8]?) throws(KeyStoreError) -> KeyInfo {
        let relabel = try function(\.relabelling, \.relabel, "gives keys no other names")
        return try takeInfo("relabel key", uri) { session, bytes, sink, context, error in
            withOptionalBytes(of: label.map { Array($0.utf8) }) { label in
                withOptionalBytes(of: id) { id in relabel(session, bytes, label, id, sink, context, error) }
            }
        }
    }

    typealias InfoCall = (
        UnsafeMutableRawPointer, keystore_bytes, keystore_key_sink, UnsafeMutableRawPointer,
        UnsafeMutablePointer<keystore_error>
    ) -> Int32

    /// Runs a call that describes one key, and checks the description.
    func takeInfo(_ operation: String, _ uri: KeyStoreURI, _ body: InfoCall) throws(KeyStoreError) -> KeyInfo {
        var infos: [KeyInfo] = []
        try call(operation, uri) { (state, session, bytes) throws(KeyStoreError) in
            let error = state.error.pointer
            var failure: KeyStoreError?
            let status = withoutActuallyEscaping({ (info: KeyInfo) in
                infos.append(info)
                return infos.count < 2
            }) { collect in
                let emission = KeyEmission(body: collect)
                let status = body(session, bytes, KeyEmission.sink, emission.context, error)
                failure = emission.failure
                return status
            }
            if let failure { throw failure }
            return status
        }
        guard infos.count == 1 else {
            throw KeyStoreError(
                .invalidReply, "the plugin renamed a key without describing it once", operation: operation,
                subject: uri.text)
        }
        return infos[0]
    }

    /// A function of an extension table. Throws `unsupportedOperation`, in these words, where the backend has none.
    func function<Table, Function>(
        _ table: KeyPath<PluginLibrary.Table, UnsafePointer<Table>?>, _ function: KeyPath<Table, Function?>,
        _ lack: String
    ) throws(KeyStoreError) -> Function {
        guard let function = store.library.table[keyPath: table]?.pointee[keyPath: function] else {
            throw KeyStoreError(
                .unsupportedOperation, "the backend '\(store.backend.name)' \(lack)", subject: store.uri.text)
        }
        return function
    }
}

/// Lends bytes for the length of the call, or a null pointer for none.
private func withOptionalBytes(of bytes: [UInt8]?, _ body: (UnsafePointer<keystore_bytes>?) -> Int32) -> Int32 {
    guard let bytes else { return body(nil) }
    return withBytes(of: bytes) { lent in
        var lent = lent
        return body(&lent)
    }
}

/// Takes one secret from a plugin without leaving copies.
final class SecretEmission {
    private var secret: PIN?
    private var count = 0

    /// The one secret. Throws `invalidReply` where there was none, several, or one that is too long.
    func single(_ what: String) throws(KeyStoreError) -> PIN {
        guard count == 1, let secret else {
            throw KeyStoreError(.invalidReply, "the plugin did not return \(what)")
        }
        return secret
    }

    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static let sink: keystore_bytes_sink = { context, bytes in
        guard let emission: SecretEmission = emission(at: context) else { return }
        emission.count += 1
        emission.secret = try? PIN(bytes.buffer)
    }
}
