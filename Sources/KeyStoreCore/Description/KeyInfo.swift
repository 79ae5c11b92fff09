/// What is known of a key without using it.
public struct KeyInfo: Hashable, Sendable {
    /// Something else that is known, by a name of its backend's: its policies, where it came from.
    public typealias Property = TokenInfo.Property

    /// Names exactly this key, without secrets. What a listing shows can be given to `key(at:)`.
    public var uri: KeyStoreURI
    /// The type; nil for a key that is there and that this library cannot use.
    public var type: KeyType?
    /// The label, empty where there is none.
    public var label: String
    /// The identifier within its token, empty where there is none.
    public var id: [UInt8]
    /// The public key, where it is known without asking again.
    public var publicKey: PublicKey?
    /// What the key can sign with, preferred algorithms first.
    public var algorithms: [SignatureAlgorithm]
    /// What the key can decrypt with, preferred algorithms first.
    public var decryptionAlgorithms: [EncryptionAlgorithm]
    /// Whether the key derives shared secrets.
    public var canAgree: Bool
    /// What protects it.
    public var protection: KeyProtection
    /// Whether the private key was seen. A listing without login may see public parts only.
    public var hasPrivateKey: Bool
    /// Whether a certificate stands beside it.
    public var hasCertificate: Bool
    /// Whether the private key can be copied out of where it is.
    public var isExtractable: Bool
    /// What else is known of the key, for a person.
    public var properties: [Property]

    /// Makes a description; a backend fills in what it knows.
    public init(
        uri: KeyStoreURI, type: KeyType?, label: String = "", id: [UInt8] = [], publicKey: PublicKey? = nil,
        algorithms: [SignatureAlgorithm] = [], decryptionAlgorithms: [EncryptionAlgorithm] = [], canAgree: Bool = false,
        protection: KeyProtection = [], hasPrivateKey: Bool = true, hasCertificate: Bool = false,
        isExtractable: Bool = false, properties: [Property] = []
    ) {
        self.uri = uri
        self.type = type
        self.label = label
        self.id = id
        self.publicKey = publicKey
        self.algorithms = algorithms
        self.decryptionAlgorithms = decryptionAlgorithms
        self.canAgree = canAgree
        self.protection = protection
        self.hasPrivateKey = hasPrivateKey
        self.hasCertificate = hasCertificate
        self.isExtractable = isExtractable
        self.properties = properties
    }
}
