import CKeyStore
import KeyStoreBridge
public import KeyStoreCore

extension BlockingSession {
    /// Makes a key with policies, or in place of another where the options say so.
    public func generateKey(
        _ type: KeyType, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> BlockingKey {
        let generate = try function(\.settingPolicies, \.generate_key, "sets no policies of keys")
        try demand(options.purpose, "generate key", uri)
        let key = try takeKey("generate key", uri) { session, error, bytes, key, sink, context in
            var request = options.request(type, uri: bytes)
            return generate(session, &request, key, sink, context, error)
        }
        try demand(type, of: key, at: uri)
        return key
    }

    /// Stores the private key of a PEM text with policies, or in place of another where the options say so.
    public func importKey(
        pem: PIN, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> BlockingKey {
        let importKey = try function(\.settingPolicies, \.import_key, "imports no keys with policies")
        try demand(options.purpose, "import key", uri)
        return try takeKey("import key", uri) { session, error, bytes, key, sink, context in
            var request = options.request(nil, uri: bytes)
            return pem.withBytes { importKey(session, &request, keystore_bytes($0), key, sink, context, error) }
        }
    }

    /// The certificates (DER) by which the token states that it made the key: the one for the key first, then its issuers.
    public func attestation(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        let attest = try function(\.attesting, \.attest, "attests no keys")
        let emission = Emission(limit: 65536)
        try call("attest key", uri) { (state, session, bytes) throws(KeyStoreError) in
            attest(session, bytes, Emission.sink, emission.context, state.error.pointer)
        }
        do {
            return try emission.several("certificates")
        } catch {
            throw error.during("attest key", of: uri.text)
        }
    }

    /// Moves the one key that the first URI matches to the place that the second names.
    public func moveKey(at uri: KeyStoreURI, to place: KeyStoreURI) throws(KeyStoreError) -> KeyInfo {
        let move = try function(\.moving, \.move_key, "moves no keys")
        return try takeInfo("move key", uri) { session, from, sink, context, error in
            withBytes(of: place.text) { move(session, from, $0, sink, context, error) }
        }
    }
}
