internal import FoundationEssentials
internal import Glibc

/// A TLS server in C that requires a client certificate, as a process of its own, and the authority that certifies its clients.
final class HandshakeServer {
    private let folder: TemporaryFolder
    private let programs: Programs
    private let launcher: Launcher
    private var process: pid_t?
    /// Where it listens, once it was started.
    private(set) var port = 0

    /// Names a server. Nothing is started before `prepare`.
    init(folder: TemporaryFolder, programs: Programs, launcher: Launcher) {
        self.folder = folder
        self.programs = programs
        self.launcher = launcher
    }

    /// The authority's certificate.
    var authority: String { folder.path("handshake-ca.pem") }

    /// The certificate of a client, and its identity file.
    func certificate(_ name: String) -> String { folder.path("handshake-\(name).pem") }
    func identity(_ name: String) -> String { folder.path("handshake-\(name).json") }

    /// Starts the server, once, and certifies the key whose public half is in the file.
    func prepare(client name: String, publicKey: String, reference: String) throws {
        if process == nil { try start() }
        guard !FileManager.default.fileExists(atPath: identity(name)) else { return }
        try certify(name, ["-force_pubkey", publicKey])
        let contents = Contents(
            ztAPI: "https://localhost:\(port)",
            id: .init(key: reference, cert: try text(certificate(name)), ca: try text(authority)))
        _ = try folder.write(JSONEncoder().encode(contents), to: "handshake-\(name).json")
    }

    private func start() throws {
        try openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=benchmark authority", "-keyout", folder.path("handshake-ca.key"), "-out", authority,
        ])
        let names = try folder.write("subjectAltName=DNS:localhost\n".utf8, to: "handshake-names.txt")
        try certify("server", ["-extfile", names])
        let pipe = try Pipe()
        defer { close(pipe.reading) }
        do {
            defer { close(pipe.writing) }
            process = try spawn(
                [programs.handshakeServer, authority, certificate("server"), folder.path("handshake-server.key")],
                environment: [:], output: pipe.writing)
        }
        // It prints its port once it listens; the end of the pipe means that it ended instead.
        var line = ""
        var byte: UInt8 = 0
        while read(pipe.reading, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
            line.unicodeScalars.append(Unicode.Scalar(byte))
        }
        guard let port = Int(line) else { throw BenchmarkError("the TLS server did not start") }
        self.port = port
    }

    private func certify(_ name: String, _ options: [String]) throws {
        let request = folder.path("handshake-\(name).csr")
        try openssl([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)",
            "-keyout", folder.path("handshake-\(name).key"), "-out", request,
        ])
        try openssl(
            [
                "x509", "-req", "-in", request, "-CA", authority, "-CAkey", folder.path("handshake-ca.key"),
                "-CAcreateserial", "-days", "2", "-out", certificate(name),
            ] + options)
    }

    private func openssl(_ arguments: [String]) throws { _ = try launcher.run([programs.openssl] + arguments) }

    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    private struct Contents: Encodable {
        struct Credentials: Encodable {
            let key: String
            let cert: String
            let ca: String
        }
        let ztAPI: String
        let id: Credentials
    }

    func stop() {
        guard let process else { return }
        // It holds nothing that would have to be put away, and may have been started with the gentler signal blocked.
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }
}
