import KeyStoreCore

/// An algorithm by the number that the applet has for it (SP 800-78-4 table 6-2; Yubico's from E0 on, 05 and 16).
enum Algorithm: UInt8, CaseIterable {
    case rsa1024 = 0x06
    case rsa2048 = 0x07
    case rsa3072 = 0x05
    case rsa4096 = 0x16
    case p256 = 0x11
    case p384 = 0x14
    case ed25519 = 0xE0
    case x25519 = 0xE1

    init?(_ type: KeyType) {
        switch type {
        case .ecP256: self = .p256
        case .ecP384: self = .p384
        case .ed25519: self = .ed25519
        case .x25519: self = .x25519
        case .rsa(bits: 1024): self = .rsa1024
        case .rsa(bits: 2048): self = .rsa2048
        case .rsa(bits: 3072): self = .rsa3072
        case .rsa(bits: 4096): self = .rsa4096
        default: return nil
        }
    }

    /// The type of key.
    var type: KeyType {
        switch self {
        case .rsa1024: .rsa(bits: 1024)
        case .rsa2048: .rsa(bits: 2048)
        case .rsa3072: .rsa(bits: 3072)
        case .rsa4096: .rsa(bits: 4096)
        case .p256: .ecP256
        case .p384: .ecP384
        case .ed25519: .ed25519
        case .x25519: .x25519
        }
    }

    /// The name, for a person.
    var name: String { type.description }

    /// The modulus in bytes, for RSA.
    var modulusLength: Int? {
        if case .rsa(let bits) = type { bits / 8 } else { nil }
    }

    /// The length of a public point, uncompressed where that is a choice, and of the secret that is derived with it. Nil for
    /// keys that derive none.
    var agreement: (pointLength: Int, secretLength: Int)? {
        switch self {
        case .p256: (65, 32)
        case .p384: (97, 48)
        case .x25519: (32, 32)
        default: nil
        }
    }

    /// Whether keys of this kind can be made with the firmware. RSA 1024 keys are used where they are, and not made.
    func isMade(by firmware: Firmware) -> Bool {
        switch self {
        case .rsa1024: false
        case .rsa2048, .p256, .p384: true
        case .rsa3072, .rsa4096, .ed25519, .x25519: firmware >= .moving
        }
    }
}
