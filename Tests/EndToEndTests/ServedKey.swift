import SoftHSMTokens

/// A key whose certificate a service renews, by what the service needs for it.
enum ServedKey: CaseIterable, Sendable {
    case keyFile
    case encryptedKeyFile
    case token

    /// What the file beside the identity is called that holds the secret; nil where there is none.
    var credential: String? {
        switch self {
        case .keyFile: nil
        case .encryptedKeyFile: "gateway.passphrase"
        case .token: "gateway.pin"
        }
    }
}
