import CP11Kit

/// The ways in which modules sign with Ed25519: that of PKCS #11 3.0, and those of vendors who could not wait for it. They
/// differ in numbers only. All take the same points and parameters, of which `Curve` knows the spellings.
enum EdwardsForm: CaseIterable {
    /// PKCS #11 3.0, Current Mechanisms §2.3.14.
    case standard
    /// SafeNet, now Thales, Luna before it took over the standard's numbers (cryptoki_v2.h of its client).
    case luna
    /// IBM's EP11, by opencryptoki's token of that name and by Hyper Protect Crypto Services: keys are CKK_EC, made by
    /// CKM_EC_KEY_PAIR_GEN (opencryptoki, usr/include/pkcs11types.h).
    case ep11
    /// SoftHSM as it was patched for BIND 9.11 to 9.16 (BIND, lib/isc/include/pkcs11/eddsa.h).
    case bind

    var flag: Mechanisms {
        switch self {
        case .standard: .eddsa
        case .luna: .eddsaLuna
        case .ep11: .eddsaEP11
        case .bind: .eddsaBIND
        }
    }

    /// The mechanism that signs a message.
    var signing: CK_MECHANISM_TYPE {
        switch self {
        case .standard: CKM_EDDSA
        case .luna: Self.vendorDefined + 0xC03
        case .ep11: Self.vendorDefined + 0x1001C
        case .bind: 0x9041
        }
    }

    /// The mechanism that makes keys.
    var generation: CK_MECHANISM_TYPE {
        switch self {
        case .standard: CKM_EC_EDWARDS_KEY_PAIR_GEN
        case .luna: Self.vendorDefined + 0xC01
        case .ep11: CKM_EC_KEY_PAIR_GEN
        case .bind: 0x9040
        }
    }

    /// CKA_KEY_TYPE of the keys.
    var keyType: CK_KEY_TYPE {
        switch self {
        case .standard: CKK_EC_EDWARDS
        case .luna: Self.vendorDefined + 0x12
        case .ep11: CKK_EC
        case .bind: 0x8003
        }
    }

    /// The quirk that says that the module has this form: a vendor's numbers mean something else with another vendor.
    var quirk: Quirks {
        switch self {
        case .standard: []
        case .luna: .lunaEdDSA
        case .ep11: .ep11EdDSA
        case .bind: .bindEdDSA
        }
    }

    private static let vendorDefined: CK_ULONG = 0x8000_0000
}
