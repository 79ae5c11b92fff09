public import FoundationEssentials
public import KeyStoreCore

/// What an enrollment led to. Holds no secret.
public struct EnrollmentResult: Sendable {
    /// The identity file.
    public var outputPath: String
    /// The identity's identifier; empty where the method does not tell it (`ca`, `network`, `token` without a key).
    public var identityID: String
    /// The controller.
    public var controller: ControllerAddress
    /// How it was enrolled.
    public var method: EnrollmentMethod
    /// The user's name, as the controller keeps it; nil for methods that have none.
    public var username: String?
    /// Names the key that was enrolled, without secrets; nil for methods that have none.
    public var key: KeyStoreURI?
    /// The type of the key.
    public var keyType: KeyType?
    /// Whether the key was made for this enrollment.
    public var isKeyGenerated: Bool
    /// Why the fallback key was used; nil where it was not.
    public var fallbackReason: String?
    /// When the certificate expires; nil where there is none.
    public var certificateExpiry: Date?
    /// What the key can sign with in TLS, best first.
    public var algorithms: [SignatureAlgorithm]
    /// Whether the certificate stands beside the key, too.
    public var isCertificateStored: Bool
    /// The file of the attestation; nil where none was asked for.
    public var attestationPath: String?
    /// Whether an earlier attempt was gone on with.
    public var isResumed: Bool
}
