/// The kind of key the controller's certificates have: all of its PKI is of one kind, as a real quickstart's is.
///
/// The enrollment JWT is signed with the server's key, so its `alg` follows: ES256, ES384, ES512 or RS256.
public enum ServerKeyType: String, Sendable, CaseIterable, Codable {
    /// NIST P-256, as the recordings of v1.6.20 have it.
    case p256
    /// NIST P-384.
    case p384
    /// NIST P-521.
    case p521
    /// RSA with a modulus of 2048 bits, as the recordings of v1.6.20 with an RSA PKI have it.
    case rsa2048
}
