import ChildProcess
import TemporaryFiles
import DevelopmentController
import Foundation
import Testing

/// The OpenZiti C SDK as another client: it enrolls and authenticates, and the controller's API sessions judge.
///
/// This build of the SDK verifies only JWTs that were signed with RSA.
struct SDKTests {
    private static let python = Package.root.appending(path: ".build/python/bin/python").path
    private static let driver = Package.root.appending(path: "Tests/Judges/ziti_sdk.py").path

    private func sdk(_ arguments: String...) async throws -> ProgramOutcome {
        try #require(
            FileManager.default.isExecutableFile(atPath: Self.python),
            "the OpenZiti C SDK is not installed: make setup puts openziti 0.6.0 into .build/python")
        var program = Program(Self.python, [Self.driver] + arguments)
        program.deadlineSeconds = 40
        return try await program.run()
    }

    private func withIdentity(
        _ body: (Controller, Enrollment, TemporaryFolder) async throws -> Void
    ) async throws {
        let folder = TemporaryFolder()
        try await withController({ $0.serverKey = .rsa2048 }) { controller in
            let enrollment = try controller.makeEnrollment(name: "sdk")
            let jwt = try folder.write("sdk.jwt", enrollment.jwt)
            let result = try await sdk("enroll", jwt, folder.path("sdk.json"))
            #expect(result.status == 0, "\(result.errorText)")
            try await body(controller, enrollment, folder)
        }
    }

    @Test func enrollsAndAuthenticates() async throws {
        try await withIdentity { controller, enrollment, folder in
            let result = try await sdk("authenticate", folder.path("sdk.json"))
            #expect(result.status == 0, "\(result.errorText)")
            #expect(controller.apiSessions.map(\.identityID) == [enrollment.identityID])
            #expect(controller.apiSessions.map(\.identityName) == ["sdk"])
            #expect(controller.requests.contains { $0.path.hasSuffix("/authenticate") && $0.status == 200 })
        }
    }

    @Test func doesNotAuthenticateWithAnotherKey() async throws {
        try await withIdentity { controller, _, folder in
            var file = try #require(
                try JSONSerialization.jsonObject(with: Data(try folder.read("sdk.json"))) as? [String: Any])
            var id = try #require(file["id"] as? [String: Any])
            id["key"] = try Endpoint().keyPEM
            file["id"] = id
            try JSONSerialization.data(withJSONObject: file).write(to: folder.url("sdk.json"))
            let result = try await sdk("authenticate", folder.path("sdk.json"))
            #expect(result.status == 1, "\(result.errorText)")
            #expect(controller.apiSessions.isEmpty)
        }
    }

    @Test func isRefusedWhenTheTokenIsSpent() async throws {
        try await withIdentity { controller, enrollment, folder in
            let jwt = try folder.write("again.jwt", enrollment.jwt)
            let result = try await sdk("enroll", jwt, folder.path("again.json"))
            #expect(result.status == 1)
            #expect(result.errorText.contains("INVALID_ENROLLMENT_TOKEN"))
            #expect(!folder.exists("again.json"))
        }
    }
}
