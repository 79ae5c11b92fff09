import ChildProcess
import Foundation
import Glibc

/// The part of the machine that one module is brought up on: a folder, mounts that nobody else sees, and the daemons that
/// were started, to be ended by their process ids.
///
/// It runs as the first process of namespaces of its own (`Namespaces`), so that several runs and the machine itself do not
/// meet: mounts, System V memory and process ids are private, and the kernel ends what a crash would leave behind.
public final class Machine: @unchecked Sendable {
    // Used by one thread at a time, as a run does one thing after the other.
    /// Where everything is kept. It belongs to the caller, who removes it.
    public let folder: String
    private var daemons: [RunningProgram] = []
    private var processIDFiles: [String] = []
    private var endings: [() -> Void] = []

    /// Takes a folder that is there. Throws where this process does not have the namespaces to itself.
    public init(folder: String) throws {
        guard getpid() == 1 else {
            throw BringupError("it changes mounts and must run in namespaces of its own: \(Namespaces.command)")
        }
        self.folder = folder
        try run("ip", ["link", "set", "lo", "up"])
    }

    // MARK: Files

    /// A path in the folder.
    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Makes a folder in the folder, parents too, and returns its path.
    @discardableResult
    func makeFolder(_ name: String, mode: mode_t = 0o700) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        guard chmod(path(name), mode) == 0 else { throw BringupError("chmod \(path(name)): errno \(errno)") }
        return path(name)
    }

    /// Writes a file in the folder and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
        return path(name)
    }

    /// Shows `folder` in the place of `place`, to this run only.
    func bind(_ folder: String, over place: String) throws { try run("mount", ["--bind", folder, place]) }

    /// Shows an empty file system in the place of `place`, to this run only.
    func mountEmpty(over place: String) throws { try run("mount", ["-t", "tmpfs", "tmpfs", place]) }

    /// Lets p11-kit know these module files and no others: their names without suffix, and their contents.
    func configureP11Kit(_ modules: [String: String]) throws {
        let folder = try makeFolder("p11-kit", mode: 0o755)
        for (name, text) in modules { try write("p11-kit/\(name).module", text) }
        // Both, as p11-kit reads both. A user's own files are not read as root, which everybody is in these namespaces.
        try bind(folder, over: "/usr/share/p11-kit/modules")
        if access("/etc/pkcs11", F_OK) == 0 { try mountEmpty(over: "/etc/pkcs11") }
    }

    // MARK: Programs

    /// Sets a variable for this process, which loads the module, and for the programs that it starts from now on.
    func setEnvironment(_ name: String, _ value: String) { setenv(name, value, 1) }

    /// Runs a program of the system to its end and returns what it printed. Throws with all of it if it fails.
    @discardableResult
    func run(_ name: String, _ arguments: [String], input: String = "") throws -> String {
        var program = try Self.program(name, arguments)
        program.input = Array(input.utf8)
        let outcome = try program.runBlocking()
        guard outcome.status == 0 else {
            throw BringupError("\(name) \(arguments.joined(separator: " ")): \(outcome)")
        }
        return outcome.outputText
    }

    /// Starts a program of the system that `stop()` ends.
    func start(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws -> RunningProgram {
        var program = try Self.program(name, arguments)
        program.environment.merge(environment) { $1 }
        let daemon = try program.start()
        daemons.append(daemon)
        return daemon
    }

    /// Lets `stop()` end a program that has put itself into the background, and writes its process id to the file.
    func adopt(processIDFile path: String) { processIDFiles.append(path) }

    /// Lets `stop()` do something first.
    func atEnd(_ body: @escaping () -> Void) { endings.append(body) }

    /// Ends the daemons, the last that was started first.
    public func stop() {
        for end in endings.reversed() { end() }
        endings = []
        for daemon in daemons.reversed() { _ = try? daemon.stop() }
        daemons = []
        for path in processIDFiles.reversed() {
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            guard let processID = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), processID > 1 else {
                continue
            }
            // It became a child of this process, the first of its namespace, when its own parent ended. What it would tidy up
            // goes with the namespaces, and pkcsslotd does not always get that done.
            if kill(processID, SIGKILL) == 0 { while waitpid(processID, nil, 0) < 0, errno == EINTR {} }
        }
        processIDFiles = []
    }

    /// Daemons are often where only root's PATH leads.
    private static func program(_ name: String, _ arguments: [String]) throws -> Program {
        for folder in ["/usr/sbin", "/sbin"] where access("\(folder)/\(name)", X_OK) == 0 {
            return Program("\(folder)/\(name)", arguments)
        }
        return try Program.system(name, arguments)
    }
}
