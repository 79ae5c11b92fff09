/// What is to be signed.
public enum SigningInput: Hashable, Sendable {
    /// A message, which the backend hashes where the algorithm has a hash.
    case message([UInt8])
    /// A digest made with the algorithm's hash, and exactly as long as that. Ed25519 takes none.
    case digest([UInt8])
}
