/// The certificate that an extension issued and that waits for its verification.
struct PendingCertificate: Codable, Sendable {
    /// The SHA-1 of the leaf.
    var fingerprint: String
    /// The leaf and the intermediate.
    var certificatePEM: String
}
