/// Making keys with policies, and in place of others.
public protocol KeyPolicySetting: Sendable {
    /// Makes a key with the label and id that the URI gives. A name that is taken is `keyExists` unless the options say that
    /// the key is replaced. A policy that the token does not have is `unsupportedMechanism` or `policyRefused`, never left
    /// out. The session must be writable.
    func generateKey(
        _ type: KeyType, options: NewKeyOptions, at uri: KeyStoreURI
    ) async throws(KeyStoreError) -> any Key

    /// The same with the private key of a PEM text. `unsupportedOperation` where the backend takes none from outside.
    func importKey(pem: PIN, options: NewKeyOptions, at uri: KeyStoreURI) async throws(KeyStoreError) -> any Key
}
