/// Which secret a backend needs, and for what, so that a person can be asked in words.
public struct PINRequest: Hashable, Sendable {
    /// The kinds of secret.
    public enum Kind: UInt32, Sendable {
        /// The user PIN of a token.
        case pin = 1
        /// The passphrase that opens a key file.
        case passphrase = 2
        /// A passphrase for a new key file. An empty answer means that the file is not to be protected.
        case newPassphrase = 3
        /// The user PIN again, for one operation of one key.
        case contextPIN = 4
        /// The security officer's PIN of a token.
        case securityOfficerPIN = 5
        /// A user PIN that is to be set.
        case newPIN = 6
        /// A security officer's PIN that is to be set.
        case newSecurityOfficerPIN = 7
        /// The code that unblocks a token's PIN.
        case puk = 8
        /// Such a code that is to be set.
        case newPUK = 9
        /// The key that allows changes to a token, as hexadecimal text.
        case managementKey = 10
        /// Such a key that is to be set, as hexadecimal text.
        case newManagementKey = 11

        /// The secret in words, as a sentence has it: "a PIN".
        public var words: String {
            switch self {
            case .pin, .contextPIN: "a PIN"
            case .passphrase: "a passphrase"
            case .newPassphrase: "a new passphrase"
            case .securityOfficerPIN: "the security officer's PIN"
            case .newPIN: "a new PIN"
            case .newSecurityOfficerPIN: "a new PIN of the security officer"
            case .puk: "a PUK"
            case .newPUK: "a new PUK"
            case .managementKey: "a management key"
            case .newManagementKey: "a new management key"
            }
        }
    }

    /// Which secret.
    public var kind: Kind
    /// The token's label or the file's path.
    public var subject: String
    /// The same as a URI without secrets.
    public var uri: String
    /// How many tries are left, where the device tells.
    public var triesLeft: Int?
    /// Whether a PIN was wrong since the last right one.
    public var countIsLow: Bool

    /// Makes a request.
    public init(kind: Kind, subject: String, uri: String, triesLeft: Int? = nil, countIsLow: Bool = false) {
        self.kind = kind
        self.subject = subject
        self.uri = uri
        self.triesLeft = triesLeft
        self.countIsLow = countIsLow
    }
}
