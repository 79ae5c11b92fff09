/// Why a row of a manifest cannot be used. Repeats none of it but names, for an enrollment JWT is a secret.
struct ManifestDamage: Error {
    /// What is wrong, as a part of a sentence.
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
