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
    /// The certificate to enroll with, and its intermediates, in PEM, for methods whose controllers issue none; nil to take
    /// the one that stands beside the key.
    public var certificate: String?
    /// The name that an identity of the method `ca` is to have; nil for what the controller makes of the certificate.
    public var requestedName: String?
    /// The user name and password to set with the method `updb`.
    public var password: EnrollmentPassword?
    /// The external JWT to redeem with the JWT of a network: the method `token`.
    public var externalJWT: ExternalJWT?
    /// Through which proxies controllers are reached.
    public var proxy = ProxySettings()
    /// Whether `id.key` is written so that the OpenZiti C and Go SDKs can use it, a secret included where they need one.
    public var isSDKCompatible: Bool
    /// The attestation to ask for before the token is spent, and to keep; nil for none.
    public var attestation: EnrollmentAttestation?
    /// The organization in the certificate request's subject; nil for none.
    public var organization: String?
    /// The time limit for each exchange with the controller, in seconds.
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
