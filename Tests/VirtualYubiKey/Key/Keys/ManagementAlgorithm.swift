/// The cipher of the management key, by the applet's number.
public enum ManagementAlgorithm: UInt8, Sendable, Codable {
    /// Triple DES with three keys.
    case tripleDES = 0x03
    /// AES by the key's bits.
    case aes128 = 0x08
    /// AES by the key's bits.
    case aes192 = 0x0A
    /// AES by the key's bits.
    case aes256 = 0x0C

    /// The key's length in bytes.
    var keyLength: Int {
        switch self {
        case .tripleDES, .aes192: 24
        case .aes128: 16
        case .aes256: 32
        }
    }

    /// The length in bytes of what is encrypted at once.
    var blockLength: Int { self == .tripleDES ? 8 : 16 }

    /// Since which firmware it can be chosen.
    var since: FirmwareVersion { self == .tripleDES ? FirmwareVersion(4, 0, 0) : FirmwareVersion(5, 4, 2) }
}
