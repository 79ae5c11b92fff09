import TemporaryFiles
import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import Testing

/// The page `OpenZiti-HSM-quickstart.md`, command by command.
struct HSMQuickstartTests {
    @Test func theReferencesOfOpenZitisGuideEnrollAndLogIn() async throws {
        let place = try await Workplace()
        // A folder of its own, as in the guide: the reference names no token, so there must be one only.
        let tokens = place.path("tokens")
        try FileManager.default.createDirectory(atPath: tokens, withIntermediateDirectories: false)
        try place.write(
            "directories.tokendir = \(tokens)\nobjectstore.backend = file\nlog.level = ERROR\n", "softhsm2.conf")
        let module = SoftHSM.modulePath
        let pin = "2171"
        try place.write(pin + "\n", "pin.txt")

        func run(_ program: Program) async throws -> ProgramOutcome {
            var program = program
            program.workingDirectory = place.folder.path
            program.environment["SOFTHSM2_CONF"] = place.path("softhsm2.conf")
            let outcome = try await program.run()
            try #require(outcome.status == 0, "\(program.arguments): \(outcome)")
            return outcome
        }
        func pkcs11Tool(_ arguments: String...) async throws {
            _ = try await run(try Program.system("pkcs11-tool", ["--module", module] + arguments))
        }
        try await pkcs11Tool("--init-token", "--label", "ziti-test-token", "--so-pin", "1234")
        try await pkcs11Tool("--init-pin", "--login", "--login-type", "so", "--so-pin", "1234", "--pin", pin)
        try await pkcs11Tool(
            "-p", pin, "-k", "--key-type", "rsa:2048", "--id", "01", "--label", "ziti-rsa-key", "--usage-sign")
        try await pkcs11Tool(
            "-p", pin, "-k", "--key-type", "EC:prime256v1", "--id", "02", "--label", "ziti-ecdsa-key", "--usage-sign")

        for (name, id) in [("rsa", "01"), ("ec", "02")] {
            let enrollment = try place.makeJWT(name)
            let enrolled = try await run(
                Program.built(
                    "ziti-keystore", ["enroll", "-j", "\(name).jwt", "-k", "pkcs11://\(module)?id=\(id)&pin=\(pin)"]))
            #expect(enrolled.errorText.contains("warning"), "\(enrolled)")
            #expect(!enrolled.description.contains(pin), "the PIN was printed: \(enrolled)")
            let key = try place.identityKey("\(name).json")
            #expect(key.contains("id=%\(id)") && !key.contains(pin), "the identity's key is \(key)")

            let loggedIn = try await run(
                Program.built("ziti-keystore", ["authenticate", "\(name).json", "--pin-source", "pin.txt"]))
            #expect(loggedIn.outputText.contains(name), "\(loggedIn)")
            #expect(place.controller.apiSessions.contains { $0.identityID == enrollment.identityID })
        }
    }
}
