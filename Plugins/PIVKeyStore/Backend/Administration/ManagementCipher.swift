import KeyStoreCore
import LibCrypto

/// The cipher of a management key, by the applet's number.
enum ManagementCipher: UInt8, CaseIterable {
    case tripleDES = 0x03
    case aes128 = 0x08
    case aes192 = 0x0A
    case aes256 = 0x0C

    /// Reads a name, as people write it.
    init?(named name: String) {
        let plain = name.uppercased().filter { $0 != "-" && $0 != "_" }
        guard let cipher = Self.allCases.first(where: { $0.name == plain || plain == "TDES" && $0 == .tripleDES })
        else {
            return nil
        }
        self = cipher
    }

    /// The name.
    var name: String {
        switch self {
        case .tripleDES: "3DES"
        case .aes128: "AES128"
        case .aes192: "AES192"
        case .aes256: "AES256"
        }
    }

    var keyLength: Int {
        switch self {
        case .tripleDES, .aes192: 24
        case .aes128: 16
        case .aes256: 32
        }
    }

    var cipher: BlockCipher { self == .tripleDES ? .tripleDES : .aes }
}
