/// How a signature is made, as a TLS SignatureScheme code point (RFC 8446 §4.2.3). ECDSA schemes name their curve, and a
/// key of another curve does not sign with them.
public struct SignatureAlgorithm: RawRepresentable, Hashable, Sendable {
    /// The code point.
    public let rawValue: UInt16

    /// Makes an algorithm from its code point, known here or not.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// ECDSA with P-256 and SHA-256.
    public static let ecdsaP256SHA256 = SignatureAlgorithm(rawValue: 0x0403)
    /// ECDSA with P-384 and SHA-384.
    public static let ecdsaP384SHA384 = SignatureAlgorithm(rawValue: 0x0503)
    /// ECDSA with P-521 and SHA-512.
    public static let ecdsaP521SHA512 = SignatureAlgorithm(rawValue: 0x0603)
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    public static let rsaPKCS1SHA256 = SignatureAlgorithm(rawValue: 0x0401)
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    public static let rsaPKCS1SHA384 = SignatureAlgorithm(rawValue: 0x0501)
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    public static let rsaPKCS1SHA512 = SignatureAlgorithm(rawValue: 0x0601)
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes, by an rsaEncryption key.
    public static let rsaPSSSHA256 = SignatureAlgorithm(rawValue: 0x0804)
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes, by an rsaEncryption key.
    public static let rsaPSSSHA384 = SignatureAlgorithm(rawValue: 0x0805)
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 bytes, by an rsaEncryption key.
    public static let rsaPSSSHA512 = SignatureAlgorithm(rawValue: 0x0806)
    /// Ed25519 (RFC 8032), which takes messages only.
    public static let ed25519 = SignatureAlgorithm(rawValue: 0x0807)

    /// Every algorithm that has a name here.
    public static let all: [SignatureAlgorithm] = [
        .ecdsaP256SHA256, .ecdsaP384SHA384, .ecdsaP521SHA512, .rsaPKCS1SHA256, .rsaPKCS1SHA384, .rsaPKCS1SHA512,
        .rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512, .ed25519,
    ]

    /// The hash that is signed, or nil where the algorithm takes the message itself or is not known here.
    public var hash: HashAlgorithm? {
        switch self {
        case .ecdsaP256SHA256, .rsaPKCS1SHA256, .rsaPSSSHA256: .sha256
        case .ecdsaP384SHA384, .rsaPKCS1SHA384, .rsaPSSSHA384: .sha384
        case .ecdsaP521SHA512, .rsaPKCS1SHA512, .rsaPSSSHA512: .sha512
        default: nil
        }
    }

    /// Whether this is one of the RSASSA-PSS forms.
    public var isRSAPSS: Bool { (0x0804...0x0806).contains(rawValue) }

    /// The algorithm of a JOSE name (RFC 7518 §3.1, RFC 8037 §3.1): "ES256", "PS384", "EdDSA".
    public init?(joseName: String) {
        guard let algorithm = Self.all.first(where: { $0.joseName == joseName }) else { return nil }
        self = algorithm
    }

    /// The JOSE name, or nil for a code point that is not known here.
    public var joseName: String? {
        switch self {
        case .ecdsaP256SHA256: "ES256"
        case .ecdsaP384SHA384: "ES384"
        case .ecdsaP521SHA512: "ES512"
        case .rsaPKCS1SHA256: "RS256"
        case .rsaPKCS1SHA384: "RS384"
        case .rsaPKCS1SHA512: "RS512"
        case .rsaPSSSHA256: "PS256"
        case .rsaPSSSHA384: "PS384"
        case .rsaPSSSHA512: "PS512"
        case .ed25519: "EdDSA"
        default: nil
        }
    }
}

extension SignatureAlgorithm: CustomStringConvertible {
    /// The JOSE name, or the code point in hexadecimal.
    public var description: String { joseName ?? "0x\(String(rawValue, radix: 16))" }
}
