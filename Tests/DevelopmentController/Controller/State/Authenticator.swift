internal import FoundationEssentials

/// A credential: the certificate that an enrollment issued or accepted.
struct Authenticator: Codable, Sendable {
    var id: String
    var identityID: String
    /// The leaf's SHA-1, by which it is found again.
    var fingerprint: String
    var certificatePEM: String
    var createdAt: Date
    /// The enrollment that this one used up. An enrollment whose digest stands here is spent, whatever else is stored,
    /// so that writing this one record is what spends it.
    var tokenDigest: String
    /// Whether the controller's own authority issued the certificate; only such a one can be extended.
    var isIssuedByNetwork = true
    /// What an extension issued; the certificate above stays the one that counts until this one is verified.
    var pending: PendingCertificate?
    /// When a client last authenticated with it; kept in memory until the record is written for another reason.
    var lastUsedAt: Date?
    /// Whether the client then presented a chain that leads to the root.
    var lastUseWasProper = false
}
