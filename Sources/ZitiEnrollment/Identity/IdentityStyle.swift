/// Whose dialect an identity file is written in. Each program reads more than it writes.
public enum IdentityStyle: String, Sendable, CaseIterable {
    /// Ours: the key's full reference, never a secret. Certificates as Go's SDK writes them.
    case native
    /// What the C SDK writes: bare PEM, the controller's address without the API's path.
    case cSDK = "c-sdk"
    /// What Go's SDK writes: `pem:` before PEM.
    case goSDK = "go-sdk"

    /// How the style writes what all dialects say.
    var form: IdentityForm {
        switch self {
        case .native, .goSDK: IdentityForm()
        case .cSDK: IdentityForm(addressHasPath: false, pemHasPrefix: false)
        }
    }

    /// Whether the style is for programs that read the key's reference in a dialect of their own, and cannot ask for a PIN.
    var isForSDK: Bool { self != .native }
}
