/// p11-kit's proxy, which shows the tokens of all configured modules as one module's: SoftHSM2 and NSS softokn.
enum P11KitProxyBringup: Bringup {
    static let modulePath = "\(SystemFolders.libraries)/p11-kit-proxy.so"

    static func bringUp(on machine: Machine) throws -> TestToken {
        try SoftHSM2Bringup.makeToken(on: machine)
        let parameters = try NSSBringup.makeDatabase(on: machine)
        try machine.configureP11Kit([
            "softhsm2": "module: \(SoftHSM2Bringup.modulePath)\n",
            NSSBringup.moduleName: NSSBringup.moduleFile(parameters),
        ])
        return TestToken(modulePath: modulePath)
    }
}
