import VirtualYubiKey

/// Yubico's own PKCS#11 module on a virtual YubiKey.
enum YKCS11Bringup: Bringup {
    static let modulePath = "\(SystemFolders.libraries)/libykcs11.so.2"

    static func bringUp(on machine: Machine) throws -> TestToken {
        let key = try VirtualYubiKeyToken.insert(on: machine)
        var token = TestToken(modulePath: modulePath)
        token.path = "serial=\(key.serial)"
        token.attributes = VirtualYubiKeyToken.attributes
        return token
    }
}
