public import KeyStoreCore

/// A key that derives shared secrets; see `KeyAgreeing`.
public protocol AgreeingBackendKey: BackendKey {
    /// The x-coordinate of the shared point at full length. The plugin kit has checked that `info.canAgree` is set and that
    /// the other key is of the same type.
    func sharedSecret(with peer: PublicKey) throws(KeyStoreError) -> PIN
}
