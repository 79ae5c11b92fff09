internal import Glibc

/// A development controller with an RSA key, as a process of its own. The C SDK verifies no other enrollment JWTs.
final class Controller {
    private let process: pid_t
    private let program: String
    private let folder: TemporaryFolder
    private let launcher: Launcher
    private var made = 0

    init(program: String, folder: TemporaryFolder, launcher: Launcher) throws {
        self.program = program
        self.folder = folder
        self.launcher = launcher
        let pipe = try Pipe()
        defer { close(pipe.reading) }
        do {
            defer { close(pipe.writing) }
            process = try spawn(
                [program, "serve", "--folder", folder.path("controller"), "--server-key", "rsa2048"], environment: [:],
                output: pipe.writing)
        }
        // It prints its URL once it listens; the end of the pipe means that it ended instead.
        var byte: UInt8 = 0
        guard read(pipe.reading, &byte, 1) == 1 else {
            throw BenchmarkError("the development controller did not start")
        }
    }

    /// The file of an enrollment JWT for a new identity.
    func makeJWT() throws -> String {
        made += 1
        let jwt = try launcher.run(
            [program, "identity", "benchmark-\(made)", "--folder", folder.path("controller")]
        ).output
        return try folder.write(jwt.utf8, to: "benchmark-\(made).jwt")
    }

    /// The enrollment JWTs for new identities of these names.
    func makeJWTs(for names: [String]) throws -> [String] {
        try launcher.run([program, "identity"] + names + ["--folder", folder.path("controller")]).output
            .split(separator: "\n").map(String.init)
    }

    func stop() {
        kill(process, SIGTERM)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }
}
