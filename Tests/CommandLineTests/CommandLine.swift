import TemporaryFiles
import ChildProcess
import Foundation
import Testing

/// The built `ziti-keystore` in surroundings of its own: a folder, a home, an empty SoftHSM. Everything it prints is searched
/// for the secrets that the test knows of.
final class CommandLine: Sendable {
    /// The user PIN of every token made here.
    static let pin = "pin-73519842"
    /// The security officer's PIN of every token made here.
    static let securityOfficerPIN = "so-pin-84061937"
    /// A PIN to change others to.
    static let newPIN = "new-pin-20957316"
    /// The passphrase of every encrypted key file made here.
    static let passphrase = "passphrase-60417735"

    /// A new folder, removed with everything in it afterwards. Its real path.
    var folder: String { files.path }
    private let files = TemporaryFolder()
    private static let turnstile = Turnstile(4)

    init() throws {
        for name in ["home", "tokens", "config"] { try files.makeFolder(name) }
        write(
            "softhsm2.conf", "directories.tokendir = \(folder)/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        write("pin", "\(Self.pin)\n", mode: 0o600)
        write("so-pin", "\(Self.securityOfficerPIN)\n", mode: 0o600)
        write("new-pin", "\(Self.newPIN)\n", mode: 0o600)
        write("passphrase", "\(Self.passphrase)\n", mode: 0o600)
        write("message", "the message\n")
    }

    /// The path of a file in the folder.
    func path(_ name: String) -> String { files.path(name) }

    /// The reference of a key file in the folder.
    func file(_ name: String) -> String { "file://\(folder)/\(name)" }

    func write(_ name: String, _ text: String, mode: mode_t = 0o644) { write(name, Array(text.utf8), mode: mode) }

    func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o644) {
        _ = FileManager.default.createFile(atPath: path(name), contents: Data(bytes))
        chmod(path(name), mode)
    }

    func read(_ name: String) throws -> [UInt8] { try files.read(name) }

    func exists(_ name: String) -> Bool { files.exists(name) }

    /// The command as a child that runs in the folder.
    func program(_ arguments: [String], environment: [String: String] = [:]) -> Program {
        var program = Program.built("ziti-keystore", arguments)
        program.workingDirectory = folder
        program.environment = surroundings.merging(environment) { $1 }
        program.deadlineSeconds = 120
        return program
    }

    /// Runs the command and looks for secrets in what it prints.
    @discardableResult
    func run(
        _ arguments: [String], input: String = "", descriptors: [Int32: String] = [:],
        environment: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> ProgramOutcome {
        var program = program(arguments, environment: environment)
        program.input = Array(input.utf8)
        program.descriptors = descriptors.mapValues { Array($0.utf8) }
        let outcome = try await Self.turnstile.pass { [program] in try await program.run() }
        for secret in [Self.pin, Self.securityOfficerPIN, Self.newPIN, Self.passphrase] {
            #expect(!outcome.outputText.contains(secret), "a secret on standard output", sourceLocation: sourceLocation)
            #expect(!outcome.errorText.contains(secret), "a secret on standard error", sourceLocation: sourceLocation)
        }
        return outcome
    }

    /// Runs the command, which must succeed, and returns what it printed without the last newline.
    @discardableResult
    func output(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        let outcome = try await run(arguments, sourceLocation: sourceLocation)
        try #require(outcome.status == 0, "\(arguments): \(outcome)", sourceLocation: sourceLocation)
        return outcome.outputText.hasSuffix("\n") ? String(outcome.outputText.dropLast()) : outcome.outputText
    }

    /// Runs the command with `--json`, which must succeed, and returns the items of its result. Checks the frame.
    func items(
        _ command: String, _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [[String: Any]] {
        let outcome = try await run(arguments + ["--json"], sourceLocation: sourceLocation)
        try #require(outcome.status == 0, "\(outcome)", sourceLocation: sourceLocation)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output)) as? [String: Any])
        #expect(object["format"] as? Int == 1, sourceLocation: sourceLocation)
        #expect(Set(object.keys) == ["format", command], sourceLocation: sourceLocation)
        let items = try #require(object[command] as? [[String: Any]])
        for item in items { #expect(item["uri"] is String, sourceLocation: sourceLocation) }
        return items
    }

    /// Runs another program in the same surroundings, which must succeed.
    @discardableResult
    func tool(_ name: String, _ arguments: String..., input: [UInt8] = []) async throws -> ProgramOutcome {
        var program = try Program.system(name, arguments)
        program.environment.merge(surroundings) { $1 }
        program.workingDirectory = folder
        program.input = input
        let outcome = try await Self.turnstile.pass { [program] in try await program.run() }
        try #require(outcome.status == 0, "\(name) \(arguments): \(outcome)")
        return outcome
    }

    /// Makes a token with the PIN in SoftHSM.
    func makeToken(_ label: String = "demo") async throws {
        try await tool(
            "softhsm2-util", "--init-token", "--free", "--label", label, "--pin", Self.pin, "--so-pin",
            Self.securityOfficerPIN)
    }

    private var surroundings: [String: String] {
        [
            "HOME": path("home"), "XDG_CONFIG_HOME": path("config"), "SOFTHSM2_CONF": path("softhsm2.conf"),
            "PATH": "/usr/bin:/bin",
        ]
    }
}

extension ProgramOutcome {
    /// The error object that `--json` writes on the last line of standard error.
    var jsonError: [String: Any]? {
        guard let line = errorText.split(separator: "\n").last,
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        else { return nil }
        return object["error"] as? [String: Any]
    }

    /// The code of that error.
    var jsonCode: String? { jsonError?["code"] as? String }
}
