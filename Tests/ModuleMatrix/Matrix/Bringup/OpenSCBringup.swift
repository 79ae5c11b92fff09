import VirtualYubiKey

/// OpenSC's PKCS#11 module on a virtual YubiKey, which it takes for any PIV card.
enum OpenSCBringup: Bringup {
    static let modulePath = "\(SystemFolders.libraries)/opensc-pkcs11.so"

    static func bringUp(on machine: Machine) throws -> TestToken {
        _ = try VirtualYubiKeyToken.insert(on: machine)
        var token = TestToken(modulePath: modulePath)
        token.path = "manufacturer=piv_II"
        token.attributes = VirtualYubiKeyToken.attributes
        return token
    }
}
