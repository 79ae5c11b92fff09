import ArgumentParser
import Glibc
import ZitiEnrollment

/// Where an external JWT comes from: one of somebody whom the network trusts, which enrolls its holder.
struct ExternalJWTOptions: ParsableArguments {
    @Option(
        name: .customLong("external-jwt-source"),
        help: ArgumentHelp("Enroll as the holder of the external JWT in this file ('-' for stdin).", valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("external-jwt-fd"),
        help: ArgumentHelp("Enroll as the holder of the external JWT from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("external-jwt-env"),
        help: ArgumentHelp("Enroll as the holder of the external JWT in this environment variable.", valueName: "name"))
    var variable: String?

    /// Whether there is one.
    var isGiven: Bool { source != nil || descriptor != nil || variable != nil }

    /// Whether the standard input holds it.
    var isFromStandardInput: Bool { source == "-" || descriptor == 0 }

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "external-jwt", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }

    /// Reads it; nil where none was given. Tokens are longer than PINs, so it is read as a file is.
    func read(_ report: Report) throws -> ExternalJWT? {
        let text: String
        switch try choice() {
        case .file(let path): text = try read(InputFile(path: path), report)
        case .descriptor(let number): text = try read(InputFile(path: "/dev/fd/\(number)"), report)
        case .environment(let name):
            guard let value = getenv(name), value.pointee != 0 else {
                throw CommandFailure.usage("the environment variable \(name) is not set, or empty")
            }
            text = String(cString: value)
        case nil: return nil
        }
        return try ExternalJWT(text)
    }

    private func read(_ file: InputFile, _ report: Report) throws -> String {
        try file.readSecret(report, "an external JWT").withBytes { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CommandFailure.badData("\(file.name) is not text in UTF-8", subject: file.path)
            }
            return text
        }
    }
}
