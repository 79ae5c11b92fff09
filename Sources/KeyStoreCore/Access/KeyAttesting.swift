/// Proofs by tokens that keys were made on them.
public protocol KeyAttesting: Sendable {
    /// Certificates (DER) by which the token states that it made the key itself: the one for the key first, then its issuers
    /// as far as the token has them. A key that came from outside is `policyRefused`. Nothing here is verified: that takes a
    /// root that the caller trusts.
    func attestation(at uri: KeyStoreURI) async throws(KeyStoreError) -> [[UInt8]]
}
