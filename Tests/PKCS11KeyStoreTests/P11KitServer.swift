import ChildProcess
import Foundation
import Glibc
import SoftHSMTokens
import Testing

/// `p11-kit server` in front of SoftHSM's tokens: a token behind a socket, which goes away when the server does.
final class P11KitServer {
    /// The module that is the server's client.
    static let clientPath = "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so"

    private let socket = SoftHSM.shared.folder + "/" + UUID().uuidString
    private var program: RunningProgram?

    /// What `P11_KIT_SERVER_ADDRESS` must be for a client.
    var address: String { "unix:path=\(socket)" }

    init(_ token: SoftHSMToken) throws { try start(token) }

    /// Serves the token, from another process.
    func start(_ token: SoftHSMToken) throws {
        var server = try Program.system(
            "p11-kit",
            [
                "server", "--foreground", "--provider", token.modulePath, "--name", socket,
                "pkcs11:serial=\(token.serial)",
            ])
        server.environment["SOFTHSM2_CONF"] = SoftHSM.shared.folder + "/softhsm2.conf"
        let started = try server.start()
        program = started
        // It says where it listens when it does.
        _ = try started.waitForOutput("P11_KIT_SERVER_ADDRESS")
    }

    /// A client for this server only: a copy of the library, which the loader takes for another one, as each reads the
    /// server's address once, when it is loaded.
    func makeClient() throws -> String {
        let folder = SoftHSM.shared.folder + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/p11-kit-client.so"
        try FileManager.default.copyItem(atPath: Self.clientPath, toPath: path)
        return path
    }

    /// Ends the server and, first, the processes that serve its clients.
    func stop() throws {
        guard let program else { return }
        self.program = nil
        let children = try String(
            contentsOfFile: "/proc/\(program.processID)/task/\(program.processID)/children", encoding: .utf8)
        for child in children.split(separator: " ").compactMap({ pid_t($0) }) { kill(child, SIGKILL) }
        try program.stop()
        unlink(socket)
    }

    deinit { try? stop() }
}
