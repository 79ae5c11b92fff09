import ChildProcess

/// p11-kit's client module to a `p11-kit server` in front of SoftHSM2, over a Unix socket: the path to a token of another
/// process, or through a forwarded socket of another machine.
enum P11KitClientBringup: Bringup {
    static let modulePath = "\(SystemFolders.modules)/p11-kit-client.so"

    static func bringUp(on machine: Machine) throws -> TestToken {
        try SoftHSM2Bringup.makeToken(on: machine)
        let socket = machine.path("socket")
        let server = try machine.start(
            "p11-kit",
            [
                "server", "--foreground", "--provider", SoftHSM2Bringup.modulePath, "--name", socket,
                "pkcs11:token=\(TestToken.label)",
            ])
        // Printed when it listens.
        try server.waitForLine(containing: "P11_KIT_SERVER_PID")
        machine.setEnvironment("P11_KIT_SERVER_ADDRESS", "unix:path=\(socket)")
        return TestToken(modulePath: modulePath)
    }
}
