import ChildProcess
import DevelopmentController
import SoftHSMTokens
import TemporaryFiles
import Testing
import ZitiEnrollment

/// The example program, as the README shows it.
struct ExampleTests {
    private func run(_ arguments: [String], _ folder: TemporaryFolder) async throws -> ProgramOutcome {
        var program = Program.built("ziti-example", arguments)
        program.workingDirectory = folder.path
        program.environment["SOFTHSM2_CONF"] = "\(SoftHSM.shared.folder)/softhsm2.conf"
        program.environment["TPM2_PKCS11_STORE"] = "\(SoftHSM.shared.folder)/tpm2-pkcs11"
        return try await program.run()
    }

    @Test func theExampleOpensAConnectionWithAKeyOnAToken() async throws {
        let made = try await KeyPlace.softHSM.make(.ecP256)
        let token = try #require(made.keeping as? SoftHSMToken)
        let controller = try await Controller.start()
        let folder = TemporaryFolder()
        _ = try await ZitiEnrollment.Enrollment(
            jwt: try EnrollmentJWT(try controller.makeEnrollment(name: "gateway").jwt),
            options: EnrollmentOptions(outputPath: folder.path("gateway.json"), timeoutSeconds: 300)
        ).run(key: made.source) { _ in }
        try folder.write("pin.txt", token.pin)
        let url = "\(controller.url)/version"
        let outcome = try await run(["gateway.json", url, "pin.txt"], folder)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.outputText.hasPrefix("HTTP 200\n{\"data\":"))

        let refused = try await run(["gateway.json", "\(controller.url)/nowhere", "pin.txt"], folder)
        #expect(refused.status == 1)
        #expect(refused.outputText.hasPrefix("HTTP 404\n"))
        let plain = try await run(["gateway.json", "http://localhost/", "pin.txt"], folder)
        #expect(plain.status == 64)

        try folder.write("wrong.txt", "000000")
        let wrong = try await run(["gateway.json", url, "wrong.txt"], folder)
        #expect(wrong.status == 1)
        #expect(wrong.errorText.contains("CKR_PIN_INCORRECT"))
        try await controller.shutdown()
        let gone = try await run(["gateway.json", url, "pin.txt"], folder)
        #expect(gone.status == 1)
        #expect(gone.outputText.isEmpty)
        let usage = try await run([], folder)
        #expect(usage.status == 64)
        #expect(usage.errorText.hasPrefix("usage: "))
    }
}
