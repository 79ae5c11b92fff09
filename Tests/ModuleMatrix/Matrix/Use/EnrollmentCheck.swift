import ChildProcess
import DevelopmentController
import Foundation
import KeyStoreCore
import KeyStoreLoader

/// A whole enrollment by one-time token and a login afterwards: the command line in processes of their own, and the
/// development controller, which says who came with which key.
struct EnrollmentCheck: Sendable {
    let type: KeyType

    /// The statement that is checked.
    var statement: String { "an identity enrolls with an \(type) key and logs in with it" }

    /// The checks for a module: one for each type that there are keys of.
    static func all(of module: MatrixModule) -> [EnrollmentCheck] {
        module.connectingTypes.map { EnrollmentCheck(type: $0) }
    }

    /// Enrolls and logs in. Throws where the command line fails or the controller saw something else.
    func run(_ module: MatrixModule, _ token: TestToken, _ machine: Machine, _ loader: BackendLoader) async throws {
        let name = "enroll-\(type)".replacing(" ", with: "-")
        let uri = try module.keyURI("enroll", type, on: token)
        let controller = try await Controller.start()
        let enrollment = try controller.makeEnrollment(name: name)
        let jwt = try machine.write("\(name).jwt", enrollment.jwt)
        let pin = try machine.write("\(name).pin", token.pin)
        guard chmod(pin, 0o600) == 0 else { throw BringupError("chmod \(pin): errno \(errno)") }
        let identity = machine.path("\(name).json")
        let kind = type == .ecP256 ? ["--kty", "EC"] : ["--kty", "RSA", "--size", "2048"]
        try await run(
            ["enroll", "-j", jwt, "-k", uri.text, "-o", identity, "--pin-source", pin]
                + (module.makesKeys ? ["--generate"] + kind : []), machine)
        try await run(["authenticate", identity, "--pin-source", pin], machine)

        guard let session = controller.apiSessions.last, session.identityID == enrollment.identityID else {
            throw BringupError("the controller knows of no login")
        }
        let key = try await publicKey(at: uri, token, loader)
        let login = controller.requests.last { $0.path.hasSuffix("/authenticate") }
        guard login?.leafPublicKeyDER == key.der, login?.leafFingerprint == session.certificateFingerprint else {
            throw BringupError("the controller saw another key: \(String(describing: login))")
        }
        try await controller.shutdown()
    }

    private func run(_ arguments: [String], _ machine: Machine) async throws {
        var program = Program.built("ziti-keystore", arguments)
        program.environment["XDG_CONFIG_HOME"] = machine.path("no-configuration")
        let outcome = try await program.run()
        guard outcome.status == 0 else {
            throw BringupError("ziti-keystore \(arguments.joined(separator: " ")): \(outcome)")
        }
    }

    private func publicKey(at uri: KeyStoreURI, _ token: TestToken, _ loader: BackendLoader) async throws -> PublicKey {
        let store = try await loader.open(OpenRequest(uri: uri))
        let session = try await store.openSession(pin: .value(try PIN(token.pin)))
        let key = try await session.publicKey(at: uri)
        await session.close()
        await store.close()
        return key
    }
}
