import ChildProcess
import Foundation
import SoftHSMTokens
import Testing

/// Runs the tools that judge our keys and signatures.
enum Tool {
    /// Runs a program to its end. The SoftHSM folder of this process is the program's too.
    static func run(_ arguments: [String], softHSMConfiguration: String? = nil) throws -> ProgramOutcome {
        var program = try Program.system(arguments[0], Array(arguments.dropFirst()))
        program.environment["SOFTHSM2_CONF"] = softHSMConfiguration ?? SoftHSM.shared.folder + "/softhsm2.conf"
        return try program.runBlocking()
    }

    /// Runs a program that must succeed, and returns what it wrote.
    @discardableResult
    static func succeed(
        _ arguments: [String], softHSMConfiguration: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let outcome = try run(arguments, softHSMConfiguration: softHSMConfiguration)
        #expect(outcome.status == 0, "\(arguments): \(outcome)", sourceLocation: sourceLocation)
        return outcome.outputText
    }

    /// pkcs11-tool on a token, logged in.
    @discardableResult
    static func pkcs11Tool(_ token: SoftHSMToken, _ arguments: [String]) throws -> String {
        try succeed(
            ["pkcs11-tool", "--module", token.modulePath, "--token-label", token.label, "--login", "--pin", token.pin]
                + arguments)
    }

    /// A new file in the test process's folder.
    static func file(_ bytes: some Sequence<UInt8> = [], mode: Int = 0o600) throws -> String {
        let path = SoftHSM.shared.folder + "/" + UUID().uuidString
        #expect(
            FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: [.posixPermissions: mode]))
        return path
    }

    static func bytes(of path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
}
