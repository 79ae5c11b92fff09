internal import FoundationEssentials

/// A credential: the certificate that an enrollment issued.
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
}
