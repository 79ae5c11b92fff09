/// NSS softokn with a database of its own. The module wants parameters, which a p11-kit module file gives it, so that
/// references name it by that file's name.
enum NSSBringup: Bringup {
    static let modulePath = "\(SystemFolders.libraries)/libsoftokn3.so"
    static let moduleName = "nss"

    static func bringUp(on machine: Machine) throws -> TestToken {
        let parameters = try makeDatabase(on: machine)
        try machine.configureP11Kit([moduleName: moduleFile(parameters)])
        var token = TestToken(moduleName: moduleName)
        token.path = path
        return token
    }

    /// The label cannot be chosen: the database's is this one, and the other slot has no keys.
    static let path = "token=NSS%20Certificate%20DB"

    /// A database with the PIN, and the parameters that open it.
    static func makeDatabase(on machine: Machine) throws -> String {
        let folder = try machine.makeFolder("nss")
        let pin = try machine.write("nss-pin", "\(TestToken.pin)\n")
        try machine.run("certutil", ["-N", "-d", "sql:\(folder)", "-f", pin])
        return "configdir='sql:\(folder)' certPrefix='' keyPrefix='' secmod='secmod.db' flags="
    }

    /// The module file for p11-kit.
    static func moduleFile(_ parameters: String) -> String {
        "module: \(modulePath)\nx-init-reserved: \(parameters)\n"
    }
}
