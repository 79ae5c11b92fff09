/// References that the OpenZiti C and Go SDKs read.
public protocol SDKReferencing: Sendable {
    /// The text that those SDKs take as `id.key` for this key. It may hold a secret, because they cannot ask for one; the
    /// store warns about that. A key that they cannot use is `unsupportedOperation` or `policyRefused`.
    func sdkReference(at uri: KeyStoreURI) async throws(KeyStoreError) -> PIN
}
