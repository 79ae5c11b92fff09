import ChildProcess
import DevelopmentController
import Foundation
import TemporaryFiles
import Testing
import VirtualYubiKey

/// A folder, a controller, a virtual YubiKey in a reader of a pcscd, and the command line to enroll with it. Everything goes
/// when nobody holds it.
///
/// What the command line prints or leaves in the folder is searched for the key's PIN and management key.
final class KeyPlace: Sendable {
    /// The PIN of every key here. Not the factory's, whose digits may stand in anything.
    static let pin = "73519842"
    /// What commands are given that may need the PIN and the management key.
    static let secrets = ["--pin-source", "pin", "--management-key-source", "management-key"]

    let folder = TemporaryFolder()
    let controller: Controller
    let daemon: PCSCDaemon
    let key: YubiKey

    /// Lets `prepare` fill the key before it is plugged in.
    init(
        _ firmware: FirmwareVersion = .v5_4_3, serverKey: ServerKeyType = .p256, version: String = "v1.6.20",
        tls: TLSVersions = .both,
        _ prepare: (YubiKey) throws -> Void = { _ in }
    ) async throws {
        var configuration = Controller.Configuration()
        configuration.serverKey = serverKey
        configuration.tls = tls
        configuration.version = version
        daemon = try PCSCDaemon()
        key = try YubiKey(firmware: firmware)
        key.setPIN(Self.pin)
        try prepare(key)
        try key.plug(intoPort: daemon.ports[0])
        controller = try await Controller.start(configuration)
        try folder.write("pin", Self.pin)
        try folder.write("management-key", managementKey)
    }

    deinit {
        key.unplug()
        daemon.stop()
        let controller = controller
        Task { try await controller.shutdown() }
    }

    /// The management key as tools take it.
    var managementKey: String { key.managementKey.map { String(format: "%02x", $0) }.joined() }

    /// Plugs the key in again.
    func plug() throws { try key.plug(intoPort: daemon.ports[0]) }

    /// Takes the key and its certificate out of a slot.
    func empty(_ slot: Slot) {
        key.removeKey(in: slot)
        key.setObject(slot.certificateObject, nil)
    }

    /// Makes an identity on the controller and leaves its JWT in `NAME.jwt`.
    @discardableResult
    func makeJWT(_ name: String) throws -> Enrollment {
        let enrollment = try controller.makeEnrollment(name: name)
        try folder.write("\(name).jwt", enrollment.jwt)
        return enrollment
    }

    // MARK: Programs

    /// The command line in the place's folder. It asks nobody.
    func tool(_ arguments: [String]) -> Program {
        var program = Program.built("ziti-keystore", arguments + ["--non-interactive"])
        program.workingDirectory = folder.path
        program.environment["XDG_CONFIG_HOME"] = folder.path("no-configuration")
        return program
    }

    /// Runs the command line, and fails the test if the exit status is another one or a secret was printed.
    @discardableResult
    func run(
        _ arguments: [String], status: Int32? = 0, _ location: SourceLocation = #_sourceLocation
    ) async throws -> ProgramOutcome {
        let outcome = try await tool(arguments).run()
        try #require(
            status == nil || outcome.status == status, "ziti-keystore \(arguments.joined(separator: " ")): \(outcome)",
            sourceLocation: location)
        expectNoSecret(in: outcome.outputText + outcome.errorText, location)
        return outcome
    }

    /// Runs a program of the system.
    @discardableResult
    func system(
        _ name: String, _ arguments: [String], _ location: SourceLocation = #_sourceLocation
    ) async throws -> ProgramOutcome {
        var program = try Program.system(name, arguments)
        program.workingDirectory = folder.path
        let outcome = try await program.run()
        try #require(
            outcome.status == 0, "\(name) \(arguments.joined(separator: " ")): \(outcome)", sourceLocation: location)
        return outcome
    }

    func expectNoSecret(in text: String, _ location: SourceLocation = #_sourceLocation) {
        #expect(!text.contains(Self.pin), "the PIN stands in \(text)", sourceLocation: location)
        #expect(!text.contains(managementKey), "the management key stands in \(text)", sourceLocation: location)
    }

    // MARK: Identities

    /// The text of a file in the folder.
    func text(_ name: String) throws -> String { String(decoding: try folder.read(name), as: UTF8.self) }

    /// A key of an identity file's `id` object.
    func identity(_ name: String, _ field: String) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(try folder.read(name))) as? [String: Any]
        return try #require((object?["id"] as? [String: Any])?[field] as? String)
    }
}
