internal import FoundationEssentials

/// An enrollment that waits for its token. The token itself is not kept, only its SHA-256.
struct EnrollmentRecord: Codable, Sendable {
    var tokenDigest: String
    var identityID: String
    var method: String
    var expiresAt: Date
    /// The authority whose certificates it takes, if its method is `ottca`.
    var authorityID: String?
    /// The user name it is for, if its method is `updb`.
    var username: String?
}
