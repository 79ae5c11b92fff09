import DevelopmentController
import Foundation
import Testing

/// The OpenZiti C SDK as another client: it enrolls and authenticates, and the controller's API sessions judge.
///
/// This build of the SDK verifies only JWTs that were signed with RSA.
struct SDKTests {
    private static let python = Package.root.appending(path: ".build/python/bin/python").path
    private static let driver = Package.root.appending(path: "Tests/Judges/ziti_sdk.py").path

    private func sdk(_ arguments: String...) async throws -> Tool.Result {
        try #require(
            FileManager.default.isExecutableFile(atPath: Self.python),
            "the OpenZiti C SDK is not installed: make setup puts openziti 0.6.0 into .build/python")
        return try await Tool.run([Self.python, Self.driver] + arguments, seconds: 40)
    }

    private func withIdentity(
        _ body: (Controller, Enrollment, URL) async throws -> Void
    ) async throws {
        let folder = try Package.makeFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try await withController({ $0.serverKey = .rsa2048 }) { controller in
            let enrollment = try controller.makeEnrollment(name: "sdk")
            let jwt = folder.appending(path: "sdk.jwt")
            try Data(enrollment.jwt.utf8).write(to: jwt)
            let identity = folder.appending(path: "sdk.json")
            let result = try await sdk("enroll", jwt.path, identity.path)
            #expect(result.status == 0, "\(result.errors)")
            try await body(controller, enrollment, identity)
        }
    }

    @Test func enrollsAndAuthenticates() async throws {
        try await withIdentity { controller, enrollment, identity in
            let result = try await sdk("authenticate", identity.path)
            #expect(result.status == 0, "\(result.errors)")
            #expect(controller.apiSessions.map(\.identityID) == [enrollment.identityID])
            #expect(controller.apiSessions.map(\.identityName) == ["sdk"])
            #expect(controller.requests.contains { $0.path.hasSuffix("/authenticate") && $0.status == 200 })
        }
    }

    @Test func doesNotAuthenticateWithAnotherKey() async throws {
        try await withIdentity { controller, _, identity in
            var file = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: identity)) as? [String: Any])
            var id = try #require(file["id"] as? [String: Any])
            id["key"] = try Endpoint().keyPEM
            file["id"] = id
            try JSONSerialization.data(withJSONObject: file).write(to: identity)
            let result = try await sdk("authenticate", identity.path)
            #expect(result.status == 1, "\(result.errors)")
            #expect(controller.apiSessions.isEmpty)
        }
    }

    @Test func isRefusedWhenTheTokenIsSpent() async throws {
        try await withIdentity { controller, enrollment, identity in
            let jwt = identity.deletingLastPathComponent().appending(path: "again.jwt")
            try Data(enrollment.jwt.utf8).write(to: jwt)
            let result = try await sdk("enroll", jwt.path, identity.path + ".again")
            #expect(result.status == 1)
            #expect(result.errors.contains("INVALID_ENROLLMENT_TOKEN"))
            #expect(!FileManager.default.fileExists(atPath: identity.path + ".again"))
        }
    }
}
