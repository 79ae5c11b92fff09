/// What a row of a manifest says: a column of CSV, a member of JSON.
enum ManifestColumn: String, CaseIterable, Sendable {
    /// The enrollment JWT, or a file that holds it.
    case jwt
    /// The key's reference.
    case key
    /// The identity file to write.
    case out
    /// Whether the key is to be made.
    case generate
    /// The kind of the key to make.
    case kty
    /// Its curve.
    case crv
    /// Its bits.
    case size
    /// The certificate to enroll with.
    case cert

    /// What every row has to say.
    static let required: [ManifestColumn] = [.jwt, .key, .out]
}
