/// How one PKCS#11 module is brought up: its daemons, its configuration, and one token that is ready to be used.
public protocol Bringup {
    /// Starts what the module needs and makes the token. The machine ends what was started through it.
    static func bringUp(on machine: Machine) throws -> TestToken
}
