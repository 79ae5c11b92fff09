public import KeyStoreCore

/// What a controller said to an identity that logged in. Holds no secret: the API session's token is not kept.
public struct Authentication: Sendable {
    /// The controller that answered.
    public var controller: ControllerAddress
    /// The identity's identifier, as `/current-identity` gives it.
    public var identityID: String
    /// The identity's name.
    public var identityName: String
    /// The API session's identifier; not its token.
    public var apiSessionID: String
    /// When the API session would end by itself.
    public var expiresAt: String
    /// Names the controller's record of the certificate; empty where it does not tell.
    public var authenticatorID: String
    /// Whether the controller wants the certificate to be renewed.
    public var isRenewalRequested: Bool
    /// "1.2" or "1.3"; empty where it was not seen.
    public var tlsVersion: String
    /// What the key signed the handshake with.
    public var signatureAlgorithm: SignatureAlgorithm?
    /// Whether the API session was ended again.
    public var isLoggedOut: Bool
    /// The controllers that were tried before, in vain.
    public var passedOver: [ControllerAttempt] = []
}
