/// How something was encrypted to a public key, so that its private key decrypts it.
public struct EncryptionAlgorithm: RawRepresentable, Hashable, Sendable {
    /// The number that crosses the plugin boundary.
    public let rawValue: UInt16

    /// Makes an algorithm from its number, known here or not.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// RSAES-PKCS1-v1_5 (RFC 8017 §7.2). For old peers: whoever can ask for many decryptions and tell a good one from a bad
    /// one can decrypt anything.
    public static let rsaPKCS1 = EncryptionAlgorithm(rawValue: 1)
    /// RSAES-OAEP with SHA-1, MGF1 with SHA-1 and an empty label (RFC 8017 §7.1).
    public static let rsaOAEPSHA1 = EncryptionAlgorithm(rawValue: 2)
    /// RSAES-OAEP with SHA-256, MGF1 with SHA-256 and an empty label.
    public static let rsaOAEPSHA256 = EncryptionAlgorithm(rawValue: 3)
    /// RSAES-OAEP with SHA-384, MGF1 with SHA-384 and an empty label.
    public static let rsaOAEPSHA384 = EncryptionAlgorithm(rawValue: 4)
    /// RSAES-OAEP with SHA-512, MGF1 with SHA-512 and an empty label.
    public static let rsaOAEPSHA512 = EncryptionAlgorithm(rawValue: 5)

    /// Every algorithm that has a name here.
    public static let all: [EncryptionAlgorithm] = [
        .rsaOAEPSHA256, .rsaOAEPSHA384, .rsaOAEPSHA512, .rsaOAEPSHA1, .rsaPKCS1,
    ]

    /// The algorithm of a JOSE name (RFC 7518 §4.1, and the IANA registry "JSON Web Signature and Encryption
    /// Algorithms" for SHA-384 and SHA-512): "RSA-OAEP-256", "RSA1_5".
    public init?(joseName: String) {
        guard let algorithm = Self.all.first(where: { $0.joseName == joseName }) else { return nil }
        self = algorithm
    }

    /// The JOSE name, or nil for a number that is not known here.
    public var joseName: String? {
        switch self {
        case .rsaPKCS1: "RSA1_5"
        case .rsaOAEPSHA1: "RSA-OAEP"
        case .rsaOAEPSHA256: "RSA-OAEP-256"
        case .rsaOAEPSHA384: "RSA-OAEP-384"
        case .rsaOAEPSHA512: "RSA-OAEP-512"
        default: nil
        }
    }
}

extension EncryptionAlgorithm: CustomStringConvertible {
    /// The JOSE name, or the number.
    public var description: String { joseName ?? "encryption \(rawValue)" }
}
