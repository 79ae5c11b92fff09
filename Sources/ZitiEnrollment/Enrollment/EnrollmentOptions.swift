public import KeyStoreCore

/// What an operator decides about an enrollment.
public struct EnrollmentOptions: Sendable {
    /// Where the identity file goes. It must not exist. The journal `PATH.enrolling` stands beside it meanwhile.
    public var outputPath: String
    /// The type of the key to make; nil to use the one key that is there. Nothing is ever made without being asked for.
    public var generate: KeyType?
    /// When a key that is made asks for its PIN; nil for what its token does unasked.
    public var pinPolicy: PINPolicy?
    /// When a key that is made asks for a touch; nil for what its token does unasked.
    public var touchPolicy: TouchPolicy?
    /// The key to use where the token of the other one is absent, and only then. It is made, P-256 unless `generate` says
    /// otherwise, if it does not exist. What happened is reported, and stands in the identity file.
    public var fallback: KeySource?
    /// Authorities in PEM to trust besides those of the controller; they go into the identity file too.
    public var additionalAuthorities: String?
    /// Whether `id.key` is written so that the OpenZiti C and Go SDKs can use it, a secret included where they need one.
    public var isSDKCompatible: Bool
    /// The attestation to ask for before the token is spent, and to keep; nil for none.
    public var attestation: EnrollmentAttestation?
    /// The organization in the certificate request's subject; nil for none.
    public var organization: String?
    /// The time limit for each of the two exchanges with the controller, in seconds.
    public var timeoutSeconds: Int

    /// The usual options.
    public init(
        outputPath: String, generate: KeyType? = nil, pinPolicy: PINPolicy? = nil, touchPolicy: TouchPolicy? = nil,
        fallback: KeySource? = nil, additionalAuthorities: String? = nil,
        isSDKCompatible: Bool = false, attestation: EnrollmentAttestation? = nil, organization: String? = "OpenZiti",
        timeoutSeconds: Int = 30
    ) {
        self.outputPath = outputPath
        self.generate = generate
        self.pinPolicy = pinPolicy
        self.touchPolicy = touchPolicy
        self.fallback = fallback
        self.additionalAuthorities = additionalAuthorities
        self.isSDKCompatible = isSDKCompatible
        self.attestation = attestation
        self.organization = organization
        self.timeoutSeconds = timeoutSeconds
    }
}
