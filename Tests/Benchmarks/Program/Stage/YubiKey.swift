internal import Glibc

/// A virtual YubiKey in a reader of a pcscd of its own, as a process of its own, with an RSA-2048 key in 9A and a P-256 key in
/// 9C whose PIN is asked for each time. It needs the namespaces that `Tests/VirtualYubiKey/in-namespace` makes.
final class YubiKey {
    static let serial = "112233"
    /// What the factory sets; the key holds nothing.
    private static let pin = "123456"

    /// What programs need to open it.
    let environment = [SoftHSMToken.pinVariable: YubiKey.pin]
    private let programs: Programs
    private let folder: TemporaryFolder
    private let launcher: Launcher
    private var process: pid_t?
    private var latency = ""

    /// Names a key. Nothing is started before `prepare`.
    init(folder: TemporaryFolder, programs: Programs, launcher: Launcher) {
        self.folder = folder
        self.programs = programs
        self.launcher = launcher
    }

    /// Plugs the key in, once, and sets how long each private-key operation takes in addition.
    func prepare(latencySeconds: String) throws {
        if process == nil { try start() }
        guard latency != latencySeconds else { return }
        try send("latency", latencySeconds)
        latency = latencySeconds
    }

    private func start() throws {
        let pipe = try Pipe()
        defer { close(pipe.reading) }
        do {
            defer { close(pipe.writing) }
            process = try spawn(
                [
                    programs.virtualYubiKey, "serve", "--serial", Self.serial, "--socket", socket, "--state-folder",
                    try folder.makeFolder("yubikey"),
                ], environment: [:], output: pipe.writing)
        }
        // It prints a line once clients can see the key; the end of the pipe means that it ended instead.
        var byte: UInt8 = 0
        guard read(pipe.reading, &byte, 1) == 1 else {
            throw BenchmarkError("the virtual YubiKey did not start; Tests/Benchmarks/run gives it its namespaces")
        }
        try send("chuid")
        try send("generate", "9a", "rsa2048")
        try send("generate", "9c", "p256")
    }

    private var socket: String { folder.path("yubikey.socket") }

    private func send(_ words: String...) throws {
        _ = try launcher.run([programs.virtualYubiKey, "send", "--socket", socket] + words)
    }

    /// Pulls the key out and ends what was started.
    func stop() {
        guard let process else { return }
        kill(process, SIGTERM)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }
}
