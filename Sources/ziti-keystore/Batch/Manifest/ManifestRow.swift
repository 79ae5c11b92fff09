import Glibc
import KeyStoreCore
import ZitiEnrollment

/// One enrollment of a batch.
struct ManifestRow: Sendable {
    /// The enrollment JWT, or the path of the file that holds it.
    let jwt: String
    /// The key's reference.
    let key: String
    /// The identity file to write.
    let out: String
    /// The file of the certificate to enroll with; nil where the controller issues one.
    let cert: String?
    /// Whether the key is to be made; nil where the row leaves that to the command line.
    let generate: Bool?
    /// The type of the key to make; nil where the row leaves that to the command line.
    let type: KeyType?

    /// Checks what a row says. An empty field says nothing. Throws what is wrong, without repeating it.
    init(_ fields: [ManifestColumn: String]) throws(ManifestDamage) {
        let fields = fields.filter { !$0.value.isEmpty }
        for (column, text) in fields where text.utf8.contains(0) {
            throw ManifestDamage("'\(column)' holds a NUL character")
        }
        func required(_ column: ManifestColumn, _ limit: Int) throws(ManifestDamage) -> String {
            guard let text = fields[column] else { throw ManifestDamage("'\(column)' is missing") }
            guard text.utf8.count <= limit else { throw ManifestDamage("'\(column)' is longer than \(limit) bytes") }
            return text
        }
        jwt = try required(.jwt, EnrollmentJWT.maximumLength)
        key = try required(.key, KeyStoreURI.maximumLength)
        out = try required(.out, Int(PATH_MAX))
        cert = fields[.cert] == nil ? nil : try required(.cert, Int(PATH_MAX))
        // Spreadsheets write TRUE and FALSE.
        switch fields[.generate]?.lowercased() {
        case nil: generate = nil
        case "true": generate = true
        case "false": generate = false
        default: throw ManifestDamage("'generate' is neither true nor false")
        }
        type = try Self.type(fields)
        if generate == false, type != nil {
            throw ManifestDamage("'kty', 'crv' and 'size' go with keys that are made, and 'generate' is false")
        }
    }

    /// Whether `jwt` is the enrollment JWT itself, by its form. A file of such a name is written './eyJ…'.
    var holdsJWT: Bool { EnrollmentJWT.looksLikeOne(jwt) }

    private static func type(_ fields: [ManifestColumn: String]) throws(ManifestDamage) -> KeyType? {
        var options = KeyTypeOptions()
        options.kty = fields[.kty]
        options.crv = fields[.crv]
        options.size = nil
        if let size = fields[.size] {
            guard size.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(size) else {
                throw ManifestDamage("'size' is no number")
            }
            options.size = number
        }
        guard options.isGiven else { return nil }
        guard let type = try? options.type else {
            throw ManifestDamage("'kty', 'crv' and 'size' name no key that can be made")
        }
        return type
    }
}
