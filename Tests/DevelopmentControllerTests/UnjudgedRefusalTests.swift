import TemporaryFiles
import DevelopmentController
import Foundation
import Testing

/// The refusals that no recording judges.
struct UnjudgedRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var line: String
        var headers: [(String, String)] = []
        var body = ""
        var status: Int
        var code: String
        var cause: String?

        var testDescription: String { "\(line) \(status) \(cause ?? "")" }
    }

    static let json = [("Content-Type", "application/json")]
    static let unknown = "0e4a3f7c-4c1f-4e0b-9d50-0f5f0a3c2b11"

    static let cases: [Case] = [
        Case(
            line: "POST /enroll/ott", headers: json, body: "{", status: 400, code: "COULD_NOT_PARSE_BODY",
            cause: "UNHANDLED"),
        Case(
            line: "POST /authenticate?method=cert", headers: json, body: "[]", status: 400,
            code: "COULD_NOT_PARSE_BODY", cause: "UNHANDLED"),
        Case(
            line: "POST /enroll/ott", headers: json, body: #"{"token":"\#(unknown)"}"#, status: 400,
            code: "COULD_NOT_VALIDATE", cause: "clientCsr"),
        Case(
            line: "POST /enroll/ottca", headers: json, body: "{}", status: 400, code: "COULD_NOT_VALIDATE",
            cause: "token"),
        Case(
            line: "POST /enroll/ott", headers: json, body: #"{"token":"x","clientCsr":""}"#, status: 400,
            code: "COULD_NOT_VALIDATE", cause: "token"),
        Case(
            line: "POST /enroll?token=x", headers: json, body: "{}", status: 601, code: "COULD_NOT_VALIDATE",
            cause: "token"),
        Case(line: "POST /authenticate", status: 602, code: "COULD_NOT_VALIDATE", cause: "method"),
        Case(
            line: "POST /authenticate?method=cert", headers: json,
            body: #"{"sdkInfo":{"type":"\#(String(repeating: "a", count: 256))"}}"#, status: 400,
            code: "COULD_NOT_VALIDATE", cause: "sdkInfo.type"),
        Case(
            line: "POST /authenticate?method=cert", headers: [("Content-Type", "text/plain")], body: "{}", status: 415,
            code: "COULD_NOT_VALIDATE", cause: "Content-Type"),
        Case(
            line: "POST /enroll", headers: [("Content-Type", "text/plain")],
            body: String(repeating: "a", count: 1_048_577), status: 413, code: "REQUEST_ENTITY_TOO_LARGE"),
        Case(
            line: "POST /enroll", headers: [("Content-Type", "text/plain")],
            body: String(repeating: "a", count: 1_048_576), status: 400, code: "INVALID_ENROLLMENT_TOKEN"),
        Case(line: "POST /authenticate?method=password", status: 401, code: "INVALID_AUTH"),
        Case(line: "POST /authenticate?method=ext-jwt", status: 401, code: "INVALID_AUTH"),
        Case(line: "POST /enroll?method=ca", status: 400, code: "ENROLLMENT_NO_VALID_CAS"),
        Case(
            line: "POST /enroll/ottca", headers: json, body: #"{"token":"\#(unknown)"}"#, status: 400,
            code: "INVALID_ENROLLMENT_TOKEN"),
        Case(
            line: "POST /enroll/updb?token=\(unknown)", headers: json, body: "{}", status: 400,
            code: "INVALID_ENROLLMENT_TOKEN"),
        Case(line: "GET /services", status: 401, code: "UNAUTHORIZED", cause: "UNHANDLED"),
        Case(line: "GET /current-identity/edge-routers", status: 401, code: "UNAUTHORIZED", cause: "UNHANDLED"),
        Case(
            line: "GET /current-api-session/service-updates", status: 401, code: "UNAUTHORIZED", cause: "UNHANDLED"),
        Case(line: "DELETE /version", status: 405, code: "METHOD_NOT_ALLOWED", cause: "UNHANDLED"),
        Case(line: "POST /current-api-session", status: 405, code: "METHOD_NOT_ALLOWED", cause: "UNHANDLED"),
        Case(line: "GET /edge/management/v1/identities", status: 404, code: "NOT_FOUND", cause: "UNHANDLED"),
        Case(line: "GET /edge/client/v1/enroll/../version", status: 404, code: "NOT_FOUND", cause: "UNHANDLED"),
    ]

    @Test(arguments: cases)
    func refuses(_ refused: Case) async throws {
        try await withController { controller in
            let answer = try await RawClient(port: controller.port)
                .send(refused.line, refused.headers, body: refused.body)
            #expect(answer.status == refused.status)
            #expect(answer.error?["code"] as? String == refused.code)
            let cause = answer.error?["cause"] as? [String: Any]
            #expect((cause?["field"] ?? cause?["code"]) as? String == refused.cause)
        }
    }

    @Test func aSecondBlockAfterTheRequestIsRefusedAndLeavesTheTokenUsable() async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "a")
            let client = RawClient(port: controller.port)
            var endpoint = try Endpoint()
            let twice = try endpoint.request() + endpoint.request()
            let answer = try await client.send(
                "POST /enroll?token=\(enrollment.token)", [("Content-Type", "text/plain")], body: twice)
            #expect(answer.status == 400)
            let cause = answer.error?["cause"] as? [String: Any]
            #expect(cause?["message"] as? String == "unexpected PEM blocks at end of CSR")
            try await endpoint.enroll(enrollment, at: client)
            #expect(try endpoint.chain.count == 2)
        }
    }

    @Test func aKeyOnACurveNobodyUsesIsRefused() async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "a")
            let pem = try await openssl([
                "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-nodes", "-keyout",
                "/dev/null", "-subj", "/CN=a",
            ])
            #expect(pem.contains("BEGIN CERTIFICATE REQUEST"))
            let answer = try await RawClient(port: controller.port).send(
                "POST /enroll?token=\(enrollment.token)", [("Content-Type", "text/plain")], body: pem)
            #expect(answer.error?["code"] as? String == "COULD_NOT_PROCESS_CSR")
        }
    }

    @Test func aRequestSignedWithRSAPSSIsTaken() async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "a")
            let pem = try await openssl([
                "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=a", "-sha256",
                "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32",
            ])
            let answer = try await RawClient(port: controller.port).send(
                "POST /enroll?token=\(enrollment.token)", [("Content-Type", "text/plain")], body: pem)
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: [
        ("GET /version HTTP/1.1\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n", 431),
        ("GET /version?\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        ("this is not HTTP\r\n\r\n", 400),
    ])
    func whatIsNotAProperRequestNeverReachesTheRoutes(_ text: String, _ status: Int) async throws {
        try await withController { controller in
            let answer = try await RawClient(port: controller.port).send(bytes: Array(text.utf8))
            #expect(answer.status == status)
            #expect(answer.header("Content-Type") == "text/plain; charset=utf-8")
            #expect(controller.requests.isEmpty)
        }
    }

    @Test func aFailureOfStorageIsAnswered500WithoutDetails() async throws {
        let folder = TemporaryFolder()
        try await withController({ $0.folder = folder.path }) { controller in
            let enrollment = try controller.makeEnrollment(name: "a")
            // A file where the folder of authenticators should be: root may write anywhere else.
            try FileManager.default.removeItem(atPath: folder.path("authenticators"))
            try folder.write("authenticators")
            let answer = try await RawClient(port: controller.port).send(
                "POST /enroll?token=\(enrollment.token)", [("Content-Type", "text/plain")], body: Endpoint().request())
            #expect(answer.status == 500)
            #expect(answer.error?["code"] as? String == "UNHANDLED")
            #expect(answer.error?["cause"] == nil)
        }
    }

    @Test(arguments: ["", String(repeating: "a", count: 256)])
    func anIdentityNeedsANameOfOneTo255Bytes(_ name: String) async throws {
        try await withController { controller in
            #expect(throws: ControllerError.self) { try controller.makeEnrollment(name: name) }
        }
    }
}
