import DevelopmentController
import Foundation
import Testing
import X509

/// Enrollment by external JWT, which no recording judges.
struct TokenEnrollmentTests {
    private let signer = ExternalSigner()

    private func withSigner(
        version: String = "v2.0.3", toCertificate: Bool = true, toToken: Bool = true,
        _ body: (Controller, RawClient, String) async throws -> Void
    ) async throws {
        try await withController({ $0.version = version }) { controller in
            let id = try controller.addSigner(
                name: "login", issuer: signer.issuer, publicKeyPEM: signer.publicKeyPEM,
                enrollsToCertificate: toCertificate, enrollsToToken: toToken)
            try await body(controller, RawClient(port: controller.port), id)
        }
    }

    private func headers(_ authorization: String) -> [(String, String)] {
        [("Content-Type", "application/json"), ("Authorization", authorization)]
    }

    private func body(_ endpoint: Endpoint) throws -> String {
        String(
            decoding: try JSONSerialization.data(withJSONObject: ["clientCsr": try endpoint.request()]), as: UTF8.self)
    }

    @Test func aTokenWithARequestEarnsACertificateAndTheBundle() async throws {
        try await withSigner { controller, client, _ in
            var endpoint = try Endpoint()
            let answer = try await client.send(
                "POST /enroll/token", headers(signer.authorization("user@example.org")), body: body(endpoint))
            #expect(answer.status == 200)
            endpoint.accept(try #require(answer.data?["cert"] as? String))
            let bundle = try Certificate.pems(try #require(answer.data?["ca"] as? String))
            #expect(try bundle == Certificate.pems(controller.certificateAuthoritiesPEM))
            #expect(answer.data?["controllers"] == nil)
            #expect(try await endpoint.client(of: controller).send("POST /authenticate?method=cert").status == 200)
            #expect(controller.apiSessions.map(\.identityName) == ["user@example.org"])
        }
    }

    @Test func aTokenAloneEarnsTheRightToAuthenticateWithOne() async throws {
        try await withSigner { controller, client, _ in
            let authorization = try signer.authorization("user@example.org")
            let early = try await client.send("POST /authenticate?method=ext-jwt", [("Authorization", authorization)])
            #expect(early.status == 401)
            let answer = try await client.send("POST /enroll/token", headers(authorization), body: "{}")
            #expect(answer.text == #"{"data":{},"meta":{}}"# + "\n")
            let session = try await client.send("POST /authenticate?method=ext-jwt", [("Authorization", authorization)])
            #expect(session.status == 200)
            let token = try #require(session.header("zt-session"))
            let identity = try await client.send("GET /current-identity", [("zt-session", token)])
            #expect(identity.data?["externalId"] as? String == "user@example.org")
        }
    }

    @Test func whoHasEnrolledDoesNotEnrollAgain() async throws {
        try await withSigner { _, client, _ in
            let authorization = try signer.authorization("user")
            #expect(try await client.send("POST /enroll/token", headers(authorization), body: "{}").status == 200)
            for text in try ["{}", body(Endpoint())] {
                let answer = try await client.send("POST /enroll/token", headers(authorization), body: text)
                #expect(answer.status == 409)
                #expect(answer.error?["code"] as? String == "ENROLLMENT_IDENTITY_ALREADY_ENROLLED")
            }
        }
    }

    @Test(arguments: [true, false])
    func aSignerEnrollsOnlyForWhatItIsAllowed(_ toCertificate: Bool) async throws {
        try await withSigner(toCertificate: toCertificate, toToken: !toCertificate) { _, client, _ in
            let forbidden = toCertificate ? "{}" : try body(Endpoint())
            let answer = try await client.send(
                "POST /enroll/token", headers(signer.authorization("user")), body: forbidden)
            #expect(answer.status == 409)
            #expect(answer.error?["code"] as? String == "INVALID_ENROLLMENT_NOT_ALLOWED")
            let allowed = toCertificate ? try body(Endpoint()) : "{}"
            let other = try await client.send(
                "POST /enroll/token", headers(signer.authorization("user")), body: allowed)
            #expect(other.status == 200)
        }
    }

    @Test func aTokenThatNobodyVouchesForIsRefused() async throws {
        try await withSigner { _, client, id in
            let good = try signer.authorization("user")
            let refused = [
                try ExternalSigner().authorization("user"),
                try signer.authorization("user", issuer: "https://elsewhere.example.org"),
                try signer.authorization("user", from: Date(timeIntervalSinceNow: -61)),
                try signer.authorization("user", from: Date(timeIntervalSinceNow: 3600)),
                try signer.authorization("user", algorithm: "none"),
                try signer.authorization("user", algorithm: "RS256"),
                try signer.authorization(nil), try signer.authorization(""), "Basic dXNlcjpwYXNz", "Bearer x",
                "Bearer ..",
                "Bearer a.b", String(good.dropLast(4)), good + ".x",
            ]
            for authorization in refused {
                let answer = try await client.send("POST /enroll/token", headers(authorization), body: "{}")
                #expect(answer.status == 400, "\(authorization)")
                #expect(answer.error?["code"] as? String == "INVALID_ENROLLMENT_TOKEN")
            }
            let elsewhere = try await client.send(
                "POST /enroll/token", headers(good) + [("ziti-token-issuer-id", "nobody")], body: "{}")
            #expect(elsewhere.error?["code"] as? String == "INVALID_ENROLLMENT_TOKEN")
            let named = try await client.send(
                "POST /enroll/token", headers(good) + [("ziti-token-issuer-id", id)], body: "{}")
            #expect(named.status == 200)
        }
    }

    @Test func aBadRequestLeavesTheTokenUsable() async throws {
        try await withSigner { _, client, _ in
            let authorization = try signer.authorization("user")
            let bad = try await client.send(
                "POST /enroll/token", headers(authorization), body: #"{"clientCsr":"nonsense"}"#)
            #expect(bad.status == 400)
            #expect(bad.error?["code"] as? String == "COULD_NOT_PROCESS_CSR")
            let good = try await client.send("POST /enroll/token", headers(authorization), body: body(Endpoint()))
            #expect(good.status == 200)
        }
    }

    @Test func beforeTheSecondGenerationThereIsNoHandler() async throws {
        try await withSigner(version: "v1.6.20") { _, client, _ in
            let answer = try await client.send("POST /enroll/token", headers(signer.authorization("user")), body: "{}")
            #expect(answer.status == 501)
            #expect(answer.text == "\"operation enroll.EnrollToken has not yet been implemented\"\n")
        }
    }

    @Test func signersAreListedWithoutASession() async throws {
        try await withSigner(toToken: false) { _, client, id in
            let answer = try await client.send("GET /external-jwt-signers")
            let envelope = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
            let signers = try #require(envelope["data"] as? [[String: Any]])
            #expect(signers.map { $0["id"] as? String } == [id])
            #expect(signers.first?["enrollToCertEnabled"] as? Bool == true)
            #expect(signers.first?["enrollToTokenEnabled"] as? Bool == false)
        }
    }

    @Test func aSignerNeedsAKeyAndAnIssuerOfItsOwn() async throws {
        try await withSigner { controller, _, _ in
            for (issuer, pem) in [("", signer.publicKeyPEM), (signer.issuer, signer.publicKeyPEM), ("x", "no PEM")] {
                #expect(throws: ControllerError.self) {
                    try controller.addSigner(name: "other", issuer: issuer, publicKeyPEM: pem)
                }
            }
        }
    }
}
