/// What kind of key stands in a slot, by the applet's number.
public enum KeyAlgorithm: UInt8, Sendable, Codable, CaseIterable {
    /// RSA keys by their bits.
    case rsa3072 = 0x05
    /// RSA keys by their bits.
    case rsa1024 = 0x06
    /// RSA keys by their bits.
    case rsa2048 = 0x07
    /// RSA keys by their bits.
    case rsa4096 = 0x16
    /// Elliptic curves.
    case p256 = 0x11
    /// Elliptic curves.
    case p384 = 0x14
    /// Signatures of Edwards' kind.
    case ed25519 = 0xE0
    /// Key agreement on Montgomery's curve.
    case x25519 = 0xE1

    /// The modulus' length of an RSA key.
    var rsaBits: Int? {
        switch self {
        case .rsa1024: 1024
        case .rsa2048: 2048
        case .rsa3072: 3072
        case .rsa4096: 4096
        case .p256, .p384, .ed25519, .x25519: nil
        }
    }

    /// OpenSSL's name of the curve, and how many bytes a coordinate has.
    var curve: (name: String, length: Int)? {
        switch self {
        case .p256: ("prime256v1", 32)
        case .p384: ("secp384r1", 48)
        default: nil
        }
    }

    /// The curve's object identifier, DER.
    var curveOID: [UInt8]? {
        switch self {
        case .p256: [6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7]
        case .p384: [6, 5, 0x2B, 0x81, 4, 0, 0x22]
        default: nil
        }
    }

    /// Since which firmware there are such keys.
    var since: FirmwareVersion {
        switch self {
        case .rsa3072, .rsa4096, .ed25519, .x25519: FirmwareVersion(5, 7, 0)
        default: FirmwareVersion(4, 0, 0)
        }
    }
}
