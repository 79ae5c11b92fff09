public import FoundationEssentials

/// What an attestation has proven.
public struct VerifiedAttestation: Sendable {
    /// What a device said of the key.
    public let statement: AttestationStatement
    /// The subjects of the chain from the attestation certificate to the root, as RFC 4514 writes them.
    public let subjects: [String]
    /// SHA-256 of the root certificate in DER.
    public let rootFingerprint: [UInt8]
    /// Until when the whole chain is valid.
    public let validUntil: Date

    /// The subject of the root.
    public var root: String { subjects.last ?? "" }
}
