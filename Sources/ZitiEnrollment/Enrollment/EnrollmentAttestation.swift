public import KeyStoreCore

/// Asks for the key to be attested before the one-time token is spent.
///
/// What stands in attestations is not enrollment's business: it fetches what the store says, lets the caller judge, and
/// keeps what the caller makes of it, in the file `OUT.attestation.json` beside the identity.
public struct EnrollmentAttestation: Sendable {
    /// What a store says of a key.
    public struct Evidence: Sendable {
        /// The attestation certificate, then its issuers, in DER.
        public var certificates: [[UInt8]]
        /// The key that is enrolled. An attestation of another one is worth nothing.
        public var publicKey: PublicKey
        /// Names the key.
        public var uri: KeyStoreURI
    }

    /// Judges the evidence. Throws to refuse the key; the token is untouched then. Answers what is to be kept, as text.
    public typealias Judge = @Sendable (Evidence) async throws -> String

    /// Whether the judge decides anything. Where it does, it is asked again when an interrupted enrollment goes on.
    public var isRequired: Bool
    /// The judge.
    public var judge: Judge

    /// Makes a demand for an attestation.
    public init(isRequired: Bool, judge: @escaping Judge) {
        self.isRequired = isRequired
        self.judge = judge
    }
}
