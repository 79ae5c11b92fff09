internal import FoundationEssentials

/// An administrator's wish that an identity renew its certificate, kept until the identity has done so.
struct ExtensionRequest: Codable, Sendable {
    var identityID: String
    /// Whether a new key is wished for too.
    var rollsKey: Bool
    var requestedAt: Date
}
