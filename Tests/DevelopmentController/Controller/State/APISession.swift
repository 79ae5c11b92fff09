public import FoundationEssentials

/// An API session: the proof that a client authenticated with its key.
public struct APISession: Codable, Sendable {
    /// The session's id, a cuid; not the secret token.
    public let id: String
    /// The identity that authenticated.
    public let identityID: String
    /// The name of that identity.
    public let identityName: String
    /// The authenticator that matched.
    public let authenticatorID: String
    /// The lower-case hexadecimal SHA-1 of the client certificate; nil if it authenticated with a password.
    public let certificateFingerprint: String?
    /// Whether the client left the intermediate out of the handshake.
    public let improperClientCertChain: Bool
    /// Whether it began at the OpenID Connect endpoints, so that access tokens and not a session token stand for it.
    public let isOIDC: Bool
    /// The client's address, without the port.
    public let ipAddress: String
    /// When the client authenticated.
    public let createdAt: Date
    /// When the client last used the session; thirty minutes later it is over.
    public internal(set) var lastActivityAt: Date
    /// When the client logged out, if it did.
    public internal(set) var endedAt: Date?
    /// The SHA-256 of the session's token.
    let tokenDigest: String
}
