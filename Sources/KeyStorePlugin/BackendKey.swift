public import KeyStoreCore

/// A private key, as the author of a backend writes it. It is not used after its session was closed.
public protocol BackendKey: AnyObject {
    /// What is known of the key.
    var info: KeyInfo { get }

    /// The public key.
    func publicKey() throws(KeyStoreError) -> PublicKey

    /// Signs a message or a digest. The plugin kit has checked that the algorithm is one of `info.algorithms` and that a
    /// digest has the algorithm's length. The input is valid during the call. ECDSA signatures are returned as DER.
    func sign(
        _ input: UnsafeRawBufferPointer, form: SigningForm, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8]
}
