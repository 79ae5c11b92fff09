/// Whether what is to be signed was hashed.
public enum SigningForm: UInt32, Sendable {
    /// A message; the backend hashes.
    case message = 1
    /// A digest of the algorithm's own hash.
    case digest = 2
}
