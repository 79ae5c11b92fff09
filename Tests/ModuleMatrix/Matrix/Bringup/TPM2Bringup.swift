import ChildProcess

/// tpm2-pkcs11 on a software TPM, with the resource manager on a bus of its own: a TPM has room for three keys at a time, and
/// the resource manager swaps them.
enum TPM2Bringup: Bringup {
    static let modulePath = "\(SystemFolders.modules)/libtpm2_pkcs11.so"

    static func bringUp(on machine: Machine) throws -> TestToken {
        let transmission = try startTPM(on: machine)
        machine.setEnvironment("DBUS_SESSION_BUS_ADDRESS", try startBus(on: machine))
        let manager = try machine.start(
            "tpm2-abrmd", ["--session", "--allow-root", "--tcti=\(transmission)"],
            // It tells only so that it has taken its name on the bus, which is when it answers.
            environment: ["G_MESSAGES_DEBUG": "all"])
        try manager.waitForLine(containing: "on_name_acquired")
        machine.setEnvironment("TPM2_PKCS11_STORE", try machine.makeFolder("store"))
        machine.setEnvironment("TPM2_PKCS11_TCTI", "tabrmd:bus_type=session")
        try makeToken(on: machine)
        return TestToken(modulePath: modulePath)
    }

    private static func makeToken(on machine: Machine) throws {
        let officer = ["--so-pin", TestToken.securityOfficerPIN]
        try machine.run(
            "pkcs11-tool",
            ["--module", modulePath, "--slot-index", "0", "--init-token", "--label", TestToken.label] + officer)
        try machine.run(
            "pkcs11-tool",
            [
                "--module", modulePath, "--token-label", TestToken.label, "--init-pin", "--new-pin", TestToken.pin,
                "--login", "--login-type", "so",
            ] + officer)
    }

    /// Starts the TPM on two free ports, one after the other as its clients demand, and returns how to reach it.
    private static func startTPM(on machine: Machine) throws -> String {
        let state = try machine.makeFolder("tpm")
        for _ in 0..<16 {
            let port = try Port.freePair()
            do {
                // It listens on both ports when the program that put it into the background ends.
                try machine.run(
                    "swtpm",
                    [
                        "socket", "--tpm2", "--tpmstate", "dir=\(state)", "--server",
                        "type=tcp,port=\(port),bindaddr=127.0.0.1", "--ctrl",
                        "type=tcp,port=\(port + 1),bindaddr=127.0.0.1", "--flags", "not-need-init,startup-clear",
                        "--daemon", "--pid", "file=\(machine.path("swtpm.pid"))",
                    ])
            } catch let error as BringupError where error.description.contains("Address already in use") {
                // Somebody else was faster.
                continue
            }
            machine.adopt(processIDFile: machine.path("swtpm.pid"))
            return "swtpm:host=127.0.0.1,port=\(port)"
        }
        throw BringupError("no two free ports in a row were found for swtpm")
    }

    /// Starts a message bus that lets everybody do everything, and returns its address.
    private static func startBus(on machine: Machine) throws -> String {
        let address = "unix:path=\(machine.path("bus"))"
        let configuration = try machine.write(
            "bus.conf",
            """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
              "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>session</type>
              <listen>\(address)</listen>
              <policy context="default">
                <allow send_destination="*" eavesdrop="true"/>
                <allow eavesdrop="true"/>
                <allow own="*"/>
              </policy>
            </busconfig>
            """)
        let bus = try machine.start(
            "dbus-daemon", ["--config-file=\(configuration)", "--nofork", "--print-address=1"])
        try bus.waitForLine(containing: "unix:path=")
        return address
    }
}
