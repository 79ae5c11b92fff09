/// A key's deriving of secrets that it shares with other keys of its curve.
public protocol KeyAgreeing: Sendable {
    /// The secret shared with the owner of another public key of the same curve: the x-coordinate at full length (SEC 1
    /// §3.3.1), not hashed, so feed it to a key derivation function. Throws `invalidData` for a key of another curve, or a
    /// point that is not on it. May wait for a person, as signing may.
    func sharedSecret(with peer: PublicKey) async throws(KeyStoreError) -> PIN
}
