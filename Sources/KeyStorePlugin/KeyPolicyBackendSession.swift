public import KeyStoreCore

/// A session that makes keys with policies, and in place of others; see `KeyPolicySetting`.
public protocol KeyPolicyBackendSession: BackendSession {
    /// Makes a key of the type. Overwrites only where the options say so, and refuses a policy that the token does not have.
    func generateKey(
        _ type: KeyType, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey

    /// The same with the private key of a PEM text, which is valid during the call.
    func importKey(
        pem: UnsafeRawBufferPointer, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey
}

extension KeyPolicyBackendSession {
    /// Throws `unsupportedOperation`: a backend need not take keys from outside.
    public func importKey(
        pem: UnsafeRawBufferPointer, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        throw KeyStoreError(.unsupportedOperation, "this backend imports no keys")
    }
}
