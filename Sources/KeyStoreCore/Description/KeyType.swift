/// The kind and size of a key.
public enum KeyType: Hashable, Sendable {
    /// NIST P-256, secp256r1.
    case ecP256
    /// NIST P-384, secp384r1.
    case ecP384
    /// NIST P-521, secp521r1.
    case ecP521
    /// RSA with this many modulus bits.
    case rsa(bits: Int)
    /// Ed25519 (RFC 8032).
    case ed25519
    /// X25519 (RFC 7748), which derives shared secrets and signs nothing.
    case x25519

    /// The types that a backend may be asked to make.
    public static let generatable: [KeyType] = [
        .ecP256, .ecP384, .ecP521, .rsa(bits: 2048), .rsa(bits: 3072), .rsa(bits: 4096), .ed25519, .x25519,
    ]

    /// Those of them whose keys sign.
    public static let signing = generatable.filter { $0.purposes.contains(.sign) }

    /// What keys of this type can be made for.
    public var purposes: KeyPurpose {
        switch self {
        case .ecP256, .ecP384, .ecP521: [.sign, .agree]
        case .rsa: [.sign, .decrypt]
        case .ed25519: .sign
        case .x25519: .agree
        }
    }

    /// The algorithms that a key of this type can sign with, the one to prefer first. For RSA the PSS forms come first, as
    /// TLS 1.3 takes no other. None for a type that only derives secrets.
    public var algorithms: [SignatureAlgorithm] {
        switch self {
        case .ecP256: [.ecdsaP256SHA256]
        case .ecP384: [.ecdsaP384SHA384]
        case .ecP521: [.ecdsaP521SHA512]
        case .rsa:
            [.rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512, .rsaPKCS1SHA256, .rsaPKCS1SHA384, .rsaPKCS1SHA512]
        case .ed25519: [.ed25519]
        case .x25519: []
        }
    }
}

extension KeyType: CustomStringConvertible {
    /// "EC P-256", "RSA 2048", "Ed25519", "X25519".
    public var description: String {
        switch self {
        case .ecP256: "EC P-256"
        case .ecP384: "EC P-384"
        case .ecP521: "EC P-521"
        case .rsa(let bits): "RSA \(bits)"
        case .ed25519: "Ed25519"
        case .x25519: "X25519"
        }
    }
}
