public import KeyStoreCore

/// A session that proves that keys were made on their token; see `KeyAttesting`.
public protocol KeyAttestingBackendSession: BackendSession {
    /// The certificates (DER) for the key that the URI matches: its own first, then the issuers that the token has.
    func attestation(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]]
}
