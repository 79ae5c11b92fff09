import CKeyStore
import KeyStoreBridge
public import KeyStoreCore

extension BlockingSession {
    /// The certificates beside the key, DER, its own first. Throws `unsupportedOperation` where the backend has none.
    public func certificates(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        let get = try function(\.certificates, \.get, "stores no certificates")
        let emission = Emission(limit: 65536)
        try call("read certificate", uri) { session, error, bytes in
            get(session, bytes, Emission.sink, emission.context, error)
        }
        return try emission.several("certificates")
    }

    /// Stores certificates (DER, the key's own first) beside the key in place of those that are there.
    public func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) throws(KeyStoreError) {
        let put = try function(\.certificates, \.put, "stores no certificates")
        // One block of memory, so that all of them can be lent for the call.
        let joined = certificates.flatMap { $0 }
        try call("store certificate", uri) { session, error, bytes in
            joined.withUnsafeBytes { all in
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
        try call("remove certificate", uri) { session, error, bytes in remove(session, bytes, error) }
    }

    /// Destroys the one key that the URI matches.
    public func deleteKey(at uri: KeyStoreURI) throws(KeyStoreError) {
        let delete = try function(\.deleting, \.delete_key, "deletes no keys")
        try call("delete key", uri) { session, error, bytes in delete(session, bytes, error) }
    }

    /// Stores the private key of a PEM text.
    public func importKey(pem: PIN, at uri: KeyStoreURI) throws(KeyStoreError) -> BlockingKey {
        let importKey = try function(\.importing, \.import_key, "imports no keys")
        return try takeKey("import key", uri) { session, error, bytes, key, sink, context in
            pem.withBytes { importKey(session, bytes, keystore_bytes($0), key, sink, context, error) }
        }
    }

    /// The text that the OpenZiti SDKs take as `id.key` for this key.
    public func sdkReference(at uri: KeyStoreURI) throws(KeyStoreError) -> PIN {
        let make = try function(\.sdkReferences, \.make, "has no references that the OpenZiti SDKs read")
        let emission = SecretEmission()
        try call("make SDK reference", uri) { session, error, bytes in
            make(session, bytes, SecretEmission.sink, emission.context, error)
        }
        guard let secret = emission.secret else {
            throw KeyStoreError(.invalidReply, "the plugin returned no reference", operation: "make SDK reference")
        }
        return secret
    }

    /// A function of an extension table. Throws `unsupportedOperation`, in these words, where the backend has none.
    private func function<Table, Function>(
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

/// Takes one secret from a plugin without leaving copies.
private final class SecretEmission {
    private(set) var secret: PIN?

    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static let sink: keystore_bytes_sink = { context, bytes in
        Unmanaged<SecretEmission>.fromOpaque(context!).takeUnretainedValue().secret = try? PIN(bytes.buffer)
    }
}
