/// opencryptoki's software token, alone: Debian's configuration lists four slots for hardware too. Its daemon, its state and
/// its shared memory are this run's own.
enum OpenCryptokiBringup: Bringup {
    static let modulePath = "\(SystemFolders.modules)/PKCS11_API.so"
    // The project's default, until it is changed; PINs have 4 to 8 characters.
    private static let factorySecurityOfficerPIN = "87654321"

    static func bringUp(on machine: Machine) throws -> TestToken {
        try makePlaces(on: machine)
        try machine.run("pkcsslotd", [])
        machine.adopt(processIDFile: "/run/pkcsslotd.pid")
        // The daemon listens when the program that put it into the background ends.
        let officer = ["-c", "3", "-S"]
        try machine.run("pkcsconf", ["-I"] + officer + [factorySecurityOfficerPIN], input: "\(TestToken.label)\n")
        try machine.run("pkcsconf", ["-P"] + officer + [factorySecurityOfficerPIN, "-n", TestToken.securityOfficerPIN])
        try machine.run("pkcsconf", ["-u"] + officer + [TestToken.securityOfficerPIN, "-n", TestToken.pin])
        return TestToken(modulePath: modulePath)
    }

    private static func makePlaces(on machine: Machine) throws {
        for folder in ["configuration", "run/lock/opencryptoki/swtok", "state/swtok/TOK_OBJ"] {
            try machine.makeFolder(folder)
        }
        try machine.write(
            "configuration/opencryptoki.conf", "version opencryptoki-3.1\nslot 3\n{\nstdll = libpkcs11_sw.so\n}\n")
        try machine.bind(machine.path("configuration"), over: "/etc/opencryptoki")
        try machine.bind(machine.path("state"), over: "/var/lib/opencryptoki")
        // The process id, the socket, and behind /var/lock the locks.
        try machine.bind(machine.path("run"), over: "/run")
        try machine.mountEmpty(over: "/dev/shm")
        try machine.run("chgrp", ["-R", "pkcs11", machine.path("run"), machine.path("state")])
        try machine.run("chmod", ["-R", "770", machine.path("run"), machine.path("state")])
    }
}
