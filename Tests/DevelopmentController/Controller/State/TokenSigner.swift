internal import FoundationEssentials

/// Somebody whose JWTs prove who a client is: a signer of external JWTs of the real controller.
///
/// The claim `sub` is both the external id and the name of who enrolls, as it is by default there.
struct TokenSigner: Codable, Sendable {
    var id: String
    var name: String
    /// The `iss` of the JWTs.
    var issuer: String
    /// A SubjectPublicKeyInfo or a certificate.
    var publicKeyPEM: String
    /// Whether a JWT enrolls who sends a certificate signing request with it.
    var enrollsToCertificate: Bool
    /// Whether a JWT alone enrolls.
    var enrollsToToken: Bool
    var createdAt: Date
}
