public import FoundationEssentials
public import KeyStoreCore

/// What an enrollment led to. Holds no secret.
public struct EnrollmentResult: Sendable {
    /// The identity file.
    public var outputPath: String
    /// The identity's identifier.
    public var identityID: String
    /// The controller.
    public var controller: ControllerAddress
    /// Names the key that was enrolled, without secrets.
    public var key: KeyStoreURI
    /// The type of the key.
    public var keyType: KeyType
    /// Whether the key was made for this enrollment.
    public var isKeyGenerated: Bool
    /// Why the fallback key was used; nil where it was not.
    public var fallbackReason: String?
    /// When the certificate expires.
    public var certificateExpiry: Date
    /// What the key can sign with in TLS, best first.
    public var algorithms: [SignatureAlgorithm]
    /// Whether the certificate stands beside the key, too.
    public var isCertificateStored: Bool
    /// The file of the attestation; nil where none was asked for.
    public var attestationPath: String?
    /// Whether an earlier attempt was gone on with.
    public var isResumed: Bool
}
