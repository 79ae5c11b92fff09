/// Taking private keys that exist outside.
public protocol KeyImporting: Sendable {
    /// Stores the private key of a PEM text, with the label and id that the URI gives. The session's PIN source is asked
    /// for the passphrase if the PEM is encrypted. Never overwrites. The session must be writable.
    func importKey(pem: PIN, purpose: KeyPurpose, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key
}

extension KeyImporting {
    /// Stores a key that is to sign.
    public func importKey(pem: PIN, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key {
        try await importKey(pem: pem, purpose: .sign, at: uri)
    }
}
