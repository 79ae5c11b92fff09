import DevelopmentController
import Foundation
import Testing

/// What no recording tells of enrollment with a third party's certificate or for a password.
struct ThirdPartyEnrollmentTests {
    private static let plain = [("Content-Type", "text/plain")]

    @Test func aCertificateBelowAnIntermediateNeedsItPresented() async throws {
        try await withController { controller in
            let root = try ThirdParty(commonName: "root")
            let intermediate = try ThirdParty(commonName: "intermediate", below: root)
            _ = try controller.addAuthority(name: "root", pem: root.pem)
            let alone = try await intermediate.client(of: controller).send("POST /enroll?method=ca")
            #expect(alone.error?["code"] as? String == "CERT_FAILED_VALIDATION")
            let client = try intermediate.client(of: controller, withAuthority: true)
            #expect(try await client.send("POST /enroll?method=ca").status == 200)
            #expect(try await client.send("POST /authenticate?method=cert").status == 200)
            #expect(controller.apiSessions.map(\.identityName) == ["root-auto-1"])
        }
    }

    @Test func namesThatAreTakenGetDigits() async throws {
        try await withController { controller in
            let ca = try ThirdParty()
            _ = try controller.addAuthority(name: "thirdparty", pem: ca.pem)
            for _ in 0..<3 {
                let client = try ca.client(of: controller)
                #expect(try await client.send("POST /enroll?method=ca").status == 200)
                _ = try await client.send("POST /authenticate?method=cert")
            }
            let names = controller.apiSessions.map(\.identityName)
            #expect(names == ["thirdparty-auto-1", "thirdparty-auto-1000001", "thirdparty-auto-1000001000002"])
        }
    }

    @Test func aCAEnrollsOnlyByTheMethodsItIsFor() async throws {
        try await withController { controller in
            let ca = try ThirdParty()
            let id = try controller.addAuthority(
                name: "no", pem: ca.pem, isAutoEnrollmentEnabled: false, isOTTCAEnrollmentEnabled: false)
            let client = try ca.client(of: controller)
            let auto = try await client.send("POST /enroll?method=ca")
            #expect(auto.error?["code"] as? String == "CERT_FAILED_VALIDATION")
            let token = try controller.makeEnrollment(name: "a", authority: id).token
            let answer = try await client.send("POST /enroll?method=ottca&token=\(token)", Self.plain)
            #expect(answer.status == 400)
            #expect(answer.error?["code"] as? String == "ENROLLMENT_CA_NOT_VALID")
        }
    }

    @Test func theCertificateHasToBeOfTheCAThatTheTokenIsFor() async throws {
        try await withController { controller in
            let (one, other) = (try ThirdParty(), try ThirdParty(commonName: "other"))
            let id = try controller.addAuthority(name: "one", pem: one.pem)
            _ = try controller.addAuthority(name: "other", pem: other.pem)
            let token = try controller.makeEnrollment(name: "a", authority: id).token
            let line = "POST /enroll?method=ottca&token=\(token)"
            for client in [try other.client(of: controller), try one.client(of: controller, .notYetValid)] {
                let answer = try await client.send(line, Self.plain)
                #expect(answer.error?["code"] as? String == "CERTIFICATE_FAILED_VALIDATION")
            }
            // A refusal leaves the token usable.
            #expect(try await one.client(of: controller).send(line, Self.plain).status == 200)
        }
    }

    @Test func aThirdPartysCertificateThatExpiredDoesNotAuthenticate() async throws {
        let clock = ManualClock()
        try await withController({ $0.now = { clock.now } }) { controller in
            let ca = try ThirdParty()
            _ = try controller.addAuthority(name: "thirdparty", pem: ca.pem)
            let client = try ca.client(of: controller)
            #expect(try await client.send("POST /enroll?method=ca").status == 200)
            clock.advance(seconds: 7201)
            #expect(try await client.send("POST /authenticate?method=cert").status == 401)
        }
    }

    @Test func thePasswordThatWasSetAuthenticates() async throws {
        try await withController { controller in
            let client = RawClient(port: controller.port)
            let json = [("Content-Type", "application/json")]
            let token = try controller.makeEnrollment(name: "person", username: "person").token
            let set = try await client.send(
                "POST /enroll?method=updb&token=\(token)", json, body: #"{"password":"Throw-away-1"}"#)
            #expect(set.status == 200)
            for (password, status) in [("Throw-away-1", 200), ("Throw-away-2", 401)] {
                let answer = try await client.send(
                    "POST /authenticate?method=password", json,
                    body: #"{"username":"person","password":"\#(password)"}"#)
                #expect(answer.status == status)
            }
        }
    }

    @Test func aUserNameBelongsToOneIdentity() async throws {
        try await withController { controller in
            _ = try controller.makeEnrollment(name: "one", username: "person")
            for username in ["person", "abc"] {
                #expect(throws: ControllerError.self) {
                    try controller.makeEnrollment(name: "other", username: username)
                }
            }
        }
    }

    @Test func whatIsNoCAIsNotAdded() async throws {
        try await withController { controller in
            let endpoint = try await Endpoint.enrolled(at: controller).endpoint
            for pem in ["", "nonsense", endpoint.chainPEM] {
                #expect(throws: ControllerError.self) { try controller.addAuthority(name: "a", pem: pem) }
            }
            #expect(throws: ControllerError.self) { try controller.makeEnrollment(name: "a", authority: "none") }
            #expect(throws: ControllerError.self) { try controller.makeAuthorityJWT("none") }
        }
    }

    @Test func aRoutersTokenEnrollsNoIdentity() async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "router", method: .erott)
            let answer = try await RawClient(port: controller.port).send(
                "POST /enroll?token=\(enrollment.token)", Self.plain, body: Endpoint().request())
            #expect(answer.error?["code"] as? String == "INVALID_ENROLLMENT_TOKEN")
        }
    }

    @Test(arguments: ["v1.6.20", "v2.0.3", "v2.1.0"])
    func answersListTheControllersFromTheirVersionOn(_ version: String) async throws {
        try await withController({ $0.version = version }) { controller in
            let ca = try ThirdParty()
            let id = try controller.addAuthority(name: "thirdparty", pem: ca.pem)
            let client = try ca.client(of: controller)
            let ott = try controller.makeEnrollment(name: "a").token
            let ottca = try controller.makeEnrollment(name: "b", authority: id).token
            let updb = try controller.makeEnrollment(name: "c", username: "person").token
            let answers = [
                try await client.send("POST /enroll?token=\(ott)", Self.plain, body: Endpoint().request()),
                try await client.send("POST /enroll?method=ottca&token=\(ottca)", Self.plain),
                try await client.send(
                    "POST /enroll?method=updb&token=\(updb)", [("Content-Type", "application/json")],
                    body: #"{"password":"Throw-away-1"}"#),
            ]
            for answer in answers {
                #expect(answer.status == 200)
                let listed = answer.data?["controllers"] as? [[String: Any]]
                let addresses = listed?.first?["apiAddresses"] as? [String: [[String: String]]]
                let expected = version == "v2.1.0" ? controller.url + "/edge/client/v1" : nil
                #expect(addresses?["edge-client"]?.first?["url"] == expected)
            }
            // The one method whose answer has none in any version.
            let auto = try await ca.client(of: controller, commonName: "other").send("POST /enroll?method=ca")
            #expect(auto.text == #"{"data":{},"meta":{}}"# + "\n")
        }
    }
}
