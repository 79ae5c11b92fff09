public import FoundationEssentials

/// An enrollment made for a new identity: what an administrator hands to an endpoint.
public struct Enrollment: Sendable {
    /// The id of the identity, or of the router, which is the JWT's `sub`.
    public let identityID: String
    /// How it enrolls.
    public let method: EnrollmentMethod
    /// The one-time token, which is the JWT's `jti`. A secret.
    public let token: String
    /// The enrollment JWT in its compact form. A secret, as it contains the token.
    public let jwt: String
    /// When the token ceases to be good.
    public let expiresAt: Date
}
