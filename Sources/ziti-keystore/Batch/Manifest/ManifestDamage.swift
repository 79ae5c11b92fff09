/// Why a row of a manifest cannot be used. Repeats none of it but names, for an enrollment JWT is a secret.
struct ManifestDamage: Error {
    /// What is wrong, as a part of a sentence.
    let reason: String

    init(_ reason: String) { self.reason = reason }

    /// A name that is not known, short enough to be shown. Not cut by characters, which have no length.
    static func shown(_ name: String) -> String { String(String.UnicodeScalarView(name.unicodeScalars.prefix(64))) }
}
