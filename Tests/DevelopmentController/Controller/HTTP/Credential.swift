/// A credential that was found good: whose it is, and what of it the session remembers.
struct Credential {
    let identity: Identity
    let authenticatorID: String
    /// The SHA-1 of the certificate, if it was one.
    let fingerprint: String?
    /// Whether the client left the intermediate out of the handshake.
    let isImproper: Bool
}
