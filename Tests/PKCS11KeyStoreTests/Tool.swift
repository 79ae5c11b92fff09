import Foundation
import SoftHSMToken
import Testing

/// Runs the tools that judge our keys and signatures.
enum Tool {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs a program to its end. The SoftHSM folder of this process is the program's too.
    static func run(_ arguments: [String], softHSMConfiguration: String? = nil) throws -> Outcome {
        _ = SoftHSM.shared
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        // setenv came after Foundation may have looked, so that the child is given what C sees.
        var environment = ProcessInfo.processInfo.environment
        environment["SOFTHSM2_CONF"] = softHSMConfiguration ?? SoftHSM.shared.folder + "/softhsm2.conf"
        process.environment = environment
        let (output, errors) = (File(), File())
        process.standardOutput = output.handle
        process.standardError = errors.handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: output.text, errors: errors.text)
    }

    /// Runs a program that must succeed, and returns what it wrote.
    @discardableResult
    static func succeed(
        _ arguments: [String], softHSMConfiguration: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let outcome = try run(arguments, softHSMConfiguration: softHSMConfiguration)
        #expect(outcome.status == 0, "\(arguments): \(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation)
        return outcome.output
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

    /// A file takes any amount of output, where a pipe would stop the program when it is full.
    private struct File {
        let path = SoftHSM.shared.folder + "/" + UUID().uuidString
        let handle: FileHandle

        init() {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
            handle = FileHandle(forWritingAtPath: path)!
        }

        var text: String {
            defer { try? FileManager.default.removeItem(atPath: path) }
            return String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        }
    }
}
