import TemporaryFiles
import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import Testing

/// A folder, a controller, and the command line to enroll with it. Everything goes when nobody holds it.
final class Workplace: Sendable {
    let folder = TemporaryFolder()
    let controller: Controller

    init(_ configure: (inout Controller.Configuration) -> Void = { _ in }) async throws {
        var configuration = Controller.Configuration()
        configure(&configuration)
        controller = try await Controller.start(configuration)
    }

    deinit {
        let controller = controller
        Task { try await controller.shutdown() }
    }

    /// A workplace whose controller has an RSA key, as the C SDK needs it.
    static func withRSAController() async throws -> Workplace { try await Workplace { $0.serverKey = .rsa2048 } }

    func path(_ name: String) -> String { folder.path(name) }

    func write(_ text: String, _ name: String, mode: mode_t = 0o600) throws {
        try folder.write(name, text, mode: mode)
    }

    /// Makes an identity on the controller and leaves its JWT in `NAME.jwt`.
    @discardableResult
    func makeJWT(_ name: String) throws -> Enrollment {
        let enrollment = try controller.makeEnrollment(name: name)
        try write(enrollment.jwt, "\(name).jwt")
        return enrollment
    }

    /// The command line in the workplace's folder, with the tests' own SoftHSM2 tokens.
    func tool(_ arguments: [String]) -> Program {
        var program = Program.built("ziti-keystore", arguments)
        program.workingDirectory = folder.path
        program.environment["SOFTHSM2_CONF"] = "\(SoftHSM.shared.folder)/softhsm2.conf"
        program.environment["TPM2_PKCS11_STORE"] = "\(SoftHSM.shared.folder)/tpm2-pkcs11"
        program.environment["XDG_CONFIG_HOME"] = path("no-configuration")
        return program
    }

    /// Runs the command line, and fails the test if the exit status is another one.
    @discardableResult
    func run(_ arguments: [String], status: Int32 = 0) async throws -> ProgramOutcome {
        let outcome = try await tool(arguments).run()
        try #require(outcome.status == status, "ziti-keystore \(arguments.joined(separator: " ")): \(outcome)")
        return outcome
    }

    /// The identity file as JSON.
    func identity(_ name: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(try folder.read(name)))
        return try #require(object as? [String: Any])
    }

    /// A key of an identity file's `id` object.
    func identityKey(_ name: String) throws -> String {
        let id = try #require(try identity(name)["id"] as? [String: Any])
        return try #require(id["key"] as? String)
    }

    /// Runs a program of the system with the tests' own SoftHSM2 tokens.
    @discardableResult
    func system(_ name: String, _ arguments: [String], status: Int32 = 0) async throws -> ProgramOutcome {
        var program = try Program.system(name, arguments)
        program.workingDirectory = folder.path
        program.environment["SOFTHSM2_CONF"] = "\(SoftHSM.shared.folder)/softhsm2.conf"
        program.environment["TPM2_PKCS11_STORE"] = "\(SoftHSM.shared.folder)/tpm2-pkcs11"
        let outcome = try await program.run()
        try #require(outcome.status == status, "\(name) \(arguments.joined(separator: " ")): \(outcome)")
        return outcome
    }
}
