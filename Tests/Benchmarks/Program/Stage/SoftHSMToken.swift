internal import FoundationEssentials

/// A SoftHSM2 token with a P-256 key `ec` (id 01) and an RSA-2048 key `rsa` (id 02), and more P-256 keys around the first.
/// Each stands alone in a folder, because the module reads every object of every token when it starts.
final class SoftHSMToken {
    static let label = "benchmark"
    /// The variable that hands the PIN to programs, so that it stands in no argument list.
    static let pinVariable = "RAW_PKCS11_PIN"

    /// How many P-256 keys it has.
    let keys: Int
    let module: String
    /// What a program needs to reach and open the token.
    let environment: [String: String]
    private let folder: String
    private let programs: Programs
    private let launcher: Launcher
    private var isMade = false

    /// Names a token that is to stand in the folder. Nothing is made before `make()`.
    init(keys: Int, in folder: String, programs: Programs, launcher: Launcher) {
        self.keys = keys
        self.folder = folder
        self.programs = programs
        self.launcher = launcher
        module = programs.module
        environment = [
            "SOFTHSM2_CONF": "\(folder)/softhsm2.conf",
            Self.pinVariable: String(UInt64.random(in: 10_000_000...99_999_999)),
        ]
    }

    /// Makes the token and its keys, once.
    func make() throws {
        guard !isMade else { return }
        if keys >= 1000 { progress("making \(keys) keys") }
        let manager = FileManager.default
        try manager.createDirectory(
            atPath: "\(folder)/tokens", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let configuration = "directories.tokendir = \(folder)/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
        try Data(configuration.utf8).write(to: URL(filePath: "\(folder)/softhsm2.conf"))
        // The token is thrown away, and this tool takes its PINs as arguments only.
        let pin = environment[Self.pinVariable]!
        _ = try launcher.run(
            ["/usr/bin/softhsm2-util", "--init-token", "--free", "--label", Self.label, "--pin", pin, "--so-pin", pin],
            environment: environment)
        _ = try launcher.run(
            [programs.makeKeys, module, Self.label, String(keys)], environment: environment)
        isMade = true
    }

    /// The reference of a key, by its label.
    func reference(_ label: String) -> String { "pkcs11:token=\(Self.label);object=\(label);type=private" }

    /// Its size in words.
    var size: String { keys.counted("key") }
}
