/// SoftHSM2 with a folder of tokens of its own.
enum SoftHSM2Bringup: Bringup {
    static let modulePath = "/usr/lib/softhsm/libsofthsm2.so"

    static func bringUp(on machine: Machine) throws -> TestToken {
        try makeToken(on: machine)
        return TestToken(modulePath: modulePath)
    }

    /// Makes the token, for those who put something in front of it too.
    static func makeToken(on machine: Machine, label: String = TestToken.label) throws {
        let tokens = try machine.makeFolder("tokens")
        machine.setEnvironment(
            "SOFTHSM2_CONF",
            try machine.write(
                "softhsm2.conf",
                "directories.tokendir = \(tokens)\nobjectstore.backend = file\nlog.level = ERROR\n"))
        try machine.run(
            "softhsm2-util",
            [
                "--init-token", "--free", "--label", label, "--pin", TestToken.pin, "--so-pin",
                TestToken.securityOfficerPIN,
            ])
    }
}
