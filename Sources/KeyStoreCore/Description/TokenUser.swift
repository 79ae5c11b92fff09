/// Whose PIN of a token is meant.
public enum TokenUser: UInt32, Hashable, Sendable {
    /// The user, who works with the keys.
    case user = 1
    /// The security officer, who sets the user's PIN and can use no private key.
    case securityOfficer = 2
    /// Whoever holds the PUK, with which a locked PIN is replaced on tokens that have no security officer.
    case puk = 3
}
