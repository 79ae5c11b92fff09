import ChildProcess
import Glibc
import TemporaryFiles
import Testing

/// A real sshd on the loopback interface, with keys that are thrown away, which lets the tests' own user in.
final class SSHDaemon: Sendable {
    /// The client's command, which knows the daemon's key and takes any name for the daemon's host.
    let client: String

    private let daemon: RunningProgram

    /// Makes the keys and the configuration in the folder, and starts the daemon.
    init(_ folder: TemporaryFolder) async throws {
        try folder.makeFolder("ssh")
        for name in ["host", "user"] {
            let made = try await Program.system(
                "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder.path("ssh/\(name)")]
            ).run()
            try #require(made.status == 0, "\(made)")
        }
        let port = try Self.freePort()
        let hostKey = String(decoding: try folder.read("ssh/host.pub"), as: UTF8.self)
        try folder.write("ssh/known_hosts", "daemon \(hostKey)")
        try folder.write(
            "ssh/client",
            """
            Host *
            HostName 127.0.0.1
            HostKeyAlias daemon
            Port \(port)
            IdentityFile \(folder.path("ssh/user"))
            IdentitiesOnly yes
            UserKnownHostsFile \(folder.path("ssh/known_hosts"))
            StrictHostKeyChecking yes
            BatchMode yes

            """)
        try folder.write(
            "ssh/daemon",
            """
            ListenAddress 127.0.0.1
            Port \(port)
            HostKey \(folder.path("ssh/host"))
            AuthorizedKeysFile \(folder.path("ssh/user.pub"))
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            UsePAM no
            StrictModes no
            PidFile none

            """)
        client = "ssh -F \(folder.path("ssh/client"))"
        let sshd = "/usr/sbin/sshd -D -e -f \(folder.path("ssh/daemon"))"
        // Run by root it wants a folder that only the system's own start makes; so it gets one that nobody else sees.
        let program =
            geteuid() == 0
            ? try Program.system(
                "unshare", ["-m", "sh", "-c", "mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec \(sshd)"])
            : Program("/bin/sh", ["-c", "exec \(sshd)"])
        daemon = try program.start()
        try daemon.waitForErrorOutput("Server listening on 127.0.0.1")
    }

    /// Ends the daemon.
    func stop() throws { _ = try daemon.stop() }

    /// A port that nobody listens on now.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isBound, "no port can be had on the loopback interface")
        return UInt16(bigEndian: address.sin_port)
    }
}
