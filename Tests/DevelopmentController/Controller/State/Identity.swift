internal import FoundationEssentials

/// An identity as the controller keeps it.
struct Identity: Codable, Sendable {
    var id: String
    var name: String
    var createdAt: Date
    var updatedAt: Date
    /// What the client last said of itself when it authenticated.
    var environment: [String: String]
    /// The same, of its SDK.
    var sdk: [String: String]
    /// What somebody else calls it: the `sub` of the JWT it enrolled with.
    var externalID: String?
}
