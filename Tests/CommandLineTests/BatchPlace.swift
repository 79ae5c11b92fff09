import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// Surroundings in which manifests are enrolled: a controller, and a folder `fleet` for the manifest and what it names.
final class BatchPlace: Sendable {
    let line: CommandLine
    let controller: Controller

    init() async throws {
        line = try CommandLine()
        controller = try await Controller.start()
        for name in ["fleet", "fleet/out", "fleet/keys"] { mkdir(line.path(name), 0o700) }
    }

    deinit {
        let controller = controller
        Task { try await controller.shutdown() }
    }

    /// Makes an identity and leaves its JWT in `fleet/NAME.jwt`.
    @discardableResult
    func makeJWT(_ name: String) throws -> Enrollment {
        let enrollment = try controller.makeEnrollment(name: name)
        line.write("fleet/\(name).jwt", enrollment.jwt, mode: 0o600)
        return enrollment
    }

    /// Makes identities and writes `fleet/manifest.csv`: the row of each has its JWT, the key that is given for its number, and
    /// `out/NAME.json`.
    func makeManifest(_ names: [String], key: (Int) -> String) throws {
        var text = "jwt,key,out\n"
        for (number, name) in names.enumerated() {
            try makeJWT(name)
            text += "\(name).jwt,\(key(number)),out/\(name).json\n"
        }
        line.write("fleet/manifest.csv", text)
    }

    func writeManifest(_ rows: [String], header: String = "jwt,key,out") {
        line.write("fleet/manifest.csv", ([header] + rows).map { $0 + "\n" }.joined())
    }

    /// The batch's command line: keys are made, files without a passphrase.
    static let arguments = ["enroll", "--batch", "fleet/manifest.csv", "--generate", "--no-passphrase"]

    /// Runs the batch with `--json`, and returns what it printed.
    func run(
        _ arguments: [String] = [], status: Int32? = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> BatchOutput {
        let outcome = try await line.run(
            Self.arguments + ["--json"] + arguments, sourceLocation: sourceLocation)
        #expect(status == nil || outcome.status == status, "\(outcome)", sourceLocation: sourceLocation)
        return try BatchOutput(outcome)
    }

    /// How often a client tried to redeem a token.
    var redemptionCount: Int { controller.requests.filter { $0.method == "POST" }.count }

    /// How often a PIN was sent, as the trace in the file has it: each call has a number, and a line for each store that listens.
    func loginCount(_ trace: String) throws -> Int {
        let lines = String(decoding: try line.read(trace), as: UTF8.self).split(separator: "\n")
        return Set(lines.filter { $0.contains(" C_Login(") }.map { $0.split(separator: " ")[2] }).count
    }

    /// An identity file as JSON.
    func identity(_ name: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(line.read("fleet/out/\(name).json")))
        return try #require(object as? [String: Any])
    }
}
