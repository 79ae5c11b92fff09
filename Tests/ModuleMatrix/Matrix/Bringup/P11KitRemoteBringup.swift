/// SoftHSM2 behind a command that p11-kit talks to over its standard input and output. Where `ssh host p11-kit remote MODULE`
/// reaches another machine, this runs `p11-kit remote MODULE` here. Such a module has no path; its file's name names it.
enum P11KitRemoteBringup: Bringup {
    static let moduleName = "far"

    static func bringUp(on machine: Machine) throws -> TestToken {
        try SoftHSM2Bringup.makeToken(on: machine)
        try machine.configureP11Kit([moduleName: moduleFile])
        return TestToken(moduleName: moduleName)
    }

    /// The module file for p11-kit.
    static var moduleFile: String { "remote: |p11-kit remote \(SoftHSM2Bringup.modulePath)\n" }
}
