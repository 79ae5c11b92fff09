/// The PKI as it is stored in a folder: PEM texts, private keys unencrypted, the file with mode 0600.
struct AuthorityRecord: Codable, Sendable {
    var keyType: ServerKeyType
    var root: String
    var intermediate: String
    var intermediateKey: String
    var server: String
    var serverKey: String

    /// The name of the file in a controller's folder.
    static let file = "pki.json"
}
