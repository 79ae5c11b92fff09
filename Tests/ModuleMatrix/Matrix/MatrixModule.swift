import KeyStoreCore

/// The modules that the matrix runs, by the names that its table has.
public enum MatrixModule: String, CaseIterable, Sendable {
    /// SoftHSM2, by its path.
    case softHSM2 = "SoftHSM2"
    /// NSS softokn, by a p11-kit module file.
    case nss = "NSS softokn"
    /// tpm2-pkcs11 on a software TPM, by its path.
    case tpm2 = "tpm2-pkcs11"
    /// opencryptoki's software token, by its path.
    case openCryptoki = "opencryptoki"
    /// p11-kit's client module to a `p11-kit server` in front of SoftHSM2, by its path.
    case p11KitClient = "p11-kit-client"
    /// SoftHSM2 behind a command, by a p11-kit module file.
    case p11KitRemote = "p11-kit remote"
    /// p11-kit's proxy in front of SoftHSM2 and NSS softokn, by its path.
    case p11KitProxy = "p11-kit-proxy"

    /// Yubico's module for the PIV applet, on a virtual YubiKey, by its path.
    case ykcs11 = "ykcs11"
    /// OpenSC's module, on a virtual YubiKey, by its path.
    case openSC = "OpenSC"

    /// What brings it up.
    var bringup: any Bringup.Type {
        switch self {
        case .softHSM2: SoftHSM2Bringup.self
        case .nss: NSSBringup.self
        case .tpm2: TPM2Bringup.self
        case .openCryptoki: OpenCryptokiBringup.self
        case .p11KitClient: P11KitClientBringup.self
        case .p11KitRemote: P11KitRemoteBringup.self
        case .p11KitProxy: P11KitProxyBringup.self
        case .ykcs11: YKCS11Bringup.self
        case .openSC: OpenSCBringup.self
        }
    }

    /// The types of the keys that are on its token beforehand, where it makes none.
    var givenTypes: [KeyType] {
        switch self {
        case .ykcs11, .openSC: VirtualYubiKeyToken.types
        default: []
        }
    }
}
