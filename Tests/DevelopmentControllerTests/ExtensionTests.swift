import DevelopmentController
import Foundation
import TemporaryFiles
import Testing
import X509

/// The extension of certificates: what no recording judges, and what lasts.
struct ExtensionTests {
    @Test func theOldCertificateIsGoodUntilTheNewOneIsVerified() async throws {
        try await withController { controller in
            var client = try await ExtendingClient(controller)
            #expect(try await client.extend().status == 200)
            #expect(try await client.authenticate(client.endpoint) == 200)
            #expect(try await client.authenticate(client.renewed) == 401)
            #expect(try await client.verify().status == 200)
            #expect(try await client.authenticate(client.endpoint) == 401)
            #expect(try await client.authenticate(client.renewed) == 200)
        }
    }

    @Test func theSameKeyMayBeCertifiedAgain() async throws {
        try await withController { controller in
            var client = try await ExtendingClient(controller)
            try await client.extend(client.endpoint)
            #expect(client.renewed?.chainPEM != client.endpoint.chainPEM)
            #expect(try await client.verify().status == 200)
            #expect(try await client.authenticate(client.renewed) == 200)
            #expect(try await client.authenticate(client.endpoint) == 401)
        }
    }

    @Test func aSecondExtensionTakesThePlaceOfTheFirst() async throws {
        try await withController { controller in
            var client = try await ExtendingClient(controller)
            try await client.extend()
            let first = client.renewed?.chainPEM
            try await client.extend()
            #expect(try await client.verify(first).error?["code"] as? String == "INVALID_CLIENT_CERT")
            #expect(try await client.verify().status == 200)
        }
    }

    @Test func whatWaitsForVerificationSurvivesARestart() async throws {
        let folder = TemporaryFolder()
        let state = folder.path("state")
        var client: ExtendingClient?
        try await withController({ $0.folder = state }) { controller in
            var extending = try await ExtendingClient(controller)
            try await extending.extend()
            client = extending
        }
        try await withController({ $0.folder = state }) { controller in
            let client = try #require(client?.moved(to: controller))
            #expect(try await client.authenticate(client.endpoint) == 200)
            #expect(try await client.verify().status == 200)
        }
        try await withController({ $0.folder = state }) { controller in
            let client = try #require(client?.moved(to: controller))
            #expect(try await client.authenticate(client.endpoint) == 401)
            #expect(try await client.authenticate(client.renewed) == 200)
        }
    }

    @Test(arguments: ["v1.6.20", "v2.0.3"])
    func theNewCertificateIsShapedAsTheOldOne(_ version: String) async throws {
        try await withController({ $0.version = version }) { controller in
            var client = try await ExtendingClient(controller)
            try await client.extend()
            let old = try Certificate.pems(client.endpoint.chainPEM)
            let new = try Certificate.pems(try #require(client.renewed).chainPEM)
            #expect(new.count == 2)
            #expect(new[1] == old[1])
            #expect(new[0].extensions == old[0].extensions)
            #expect(new[0].publicKey != old[0].publicKey)
            #expect(try new[0].extensions.subjectAlternativeNames?.count == (version == "v2.0.3" ? 1 : nil))
        }
    }

    // MARK: Faults

    @Test func aVerificationWhoseAnswerIsLostHasHappened() async throws {
        try await withController { controller in
            var client = try await ExtendingClient(controller)
            try await client.extend()
            controller.script(Fault(pathSuffix: "/extend-verify", effect: .closeAfterProcessing))
            #expect(try await client.verify().status == nil)
            #expect(try await client.authenticate(client.endpoint) == 401)
            #expect(try await client.authenticate(client.renewed) == 200)
        }
    }

    @Test func anExtensionCanBeForAnotherKeyThanTheRequests() async throws {
        try await withController { controller in
            var client = try await ExtendingClient(controller)
            controller.script(Fault(pathSuffix: "/extend", effect: .issueForAnotherKey))
            try await client.extend()
            let renewed = try #require(client.renewed)
            #expect(try Certificate.pems(renewed.chainPEM)[0].publicKey != renewed.key.publicKey)
            #expect(try await client.authenticate(client.endpoint) == 200)
        }
    }

    // MARK: Refusals

    @Test func anExtensionNeedsTheClientCertificate() async throws {
        try await withController { controller in
            let client = try await ExtendingClient(controller)
            let body = try ExtendingClient.body("clientCertCsr", client.endpoint.request())
            let answer = try await RawClient(port: controller.port)
                .send("POST \(client.path)/extend", client.headers, body: body)
            #expect(answer.status == 401)
            #expect(answer.error?["code"] as? String == "UNAUTHORIZED")
        }
    }

    @Test func anExtensionNeedsTheCertificateOfTheAuthenticator() async throws {
        try await withController { controller in
            let client = try await ExtendingClient(controller)
            let other = try await ExtendingClient(controller, name: "other")
            let body = try ExtendingClient.body("clientCertCsr", client.endpoint.request())
            let answer = try await other.endpoint.client(of: controller)
                .send("POST \(client.path)/extend", client.headers, body: body)
            #expect(answer.status == 401)
            #expect(try await client.authenticate(client.endpoint) == 200)
        }
    }

    @Test(arguments: ["extend", "extend-verify"])
    func anotherIdentitysAuthenticatorIsRefused(_ step: String) async throws {
        try await withController { controller in
            let client = try await ExtendingClient(controller)
            let other = try await ExtendingClient(controller, name: "other")
            let body = String(
                decoding: try JSONSerialization.data(withJSONObject: [
                    "clientCertCsr": try client.endpoint.request(), "clientCert": client.endpoint.chainPEM,
                ]), as: UTF8.self)
            let answer = try await client.endpoint.client(of: controller)
                .send("POST \(other.path)/\(step)", client.headers, body: body)
            #expect(answer.status == 401)
            #expect(answer.error?["code"] as? String == "UNAUTHORIZED")
        }
    }

    @Test func aVerificationWithoutACertificateIsRefused() async throws {
        try await withController { controller in
            let client = try await ExtendingClient(controller)
            let answer = try await client.endpoint.client(of: controller)
                .send("POST \(client.path)/extend-verify", client.headers, body: "{}")
            #expect(answer.error?["code"] as? String == "COULD_NOT_VALIDATE")
            #expect((answer.error?["cause"] as? [String: Any])?["field"] as? String == "clientCert")
        }
    }

    @Test func aBodyThatIsNotJSONIsRefused() async throws {
        try await withController { controller in
            let client = try await ExtendingClient(controller)
            let answer = try await client.endpoint.client(of: controller)
                .send("POST \(client.path)/extend", client.headers, body: "{")
            #expect(answer.error?["code"] as? String == "COULD_NOT_PARSE_BODY")
        }
    }

    @Test func aPasswordCannotBeExtended() async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "user", username: "username")
            let anonymous = RawClient(port: controller.port)
            let login = #"{"username":"username","password":"a password"}"#
            _ = try await anonymous.send(
                "POST /enroll?method=updb&token=\(enrollment.token)", ExtendingClient.json, body: login)
            let answer = try await anonymous.send(
                "POST /authenticate?method=password", ExtendingClient.json, body: login)
            let headers = ExtendingClient.json + [("zt-session", answer.header("zt-session") ?? "")]
            let list = try await anonymous.send("GET /current-identity/authenticators", headers)
            #expect(list.text.contains(#""method":"updb","username":"username""#))
            let id = try #require(answer.data?["authenticatorId"] as? String)
            #expect(try await anonymous.send("GET /current-identity/authenticators/\(id)", headers).status == 200)
            let client = try await ExtendingClient(controller)
            let refused = try await client.endpoint.client(of: controller).send(
                "POST /current-identity/authenticators/\(id)/extend", headers,
                body: ExtendingClient.body("clientCertCsr", client.endpoint.request()))
            #expect(refused.error?["code"] as? String == "CAN_NOT_UPDATE_AUTHENTICATOR")
        }
    }

    // MARK: An administrator's request

    @Test func aRequestIsToldUntilTheIdentityHasRenewed() async throws {
        try await withController { controller in
            var client = try await ExtendingClient(controller)
            try controller.requestExtension(identityID: client.identityID)
            let told = try await client.endpoint.client(of: controller).send("POST /authenticate?method=cert")
            #expect(told.headers.filter { $0.name.lowercased() == "ziti-authenticator-extend-requested" }.count == 1)
            #expect(told.data?["isCertExtendRequested"] as? Bool == true)
            #expect(told.data?["isCertKeyRollRequested"] == nil)
            let listed = try await client.endpoint.client(of: controller).send("GET \(client.path)", client.headers)
            #expect(listed.data?["isExtendRequested"] as? Bool == true)
            try await client.extend()
            #expect(try await client.session(field: "isCertExtendRequested") as? Bool == true)
            try await client.verify()
            #expect(try await client.session(field: "isCertExtendRequested") == nil)
        }
    }

    @Test func aRequestInTheFolderReachesTheRunningController() async throws {
        let folder = TemporaryFolder()
        let state = folder.path("state")
        try await withController({ $0.folder = state }) { controller in
            let client = try await ExtendingClient(controller, name: "laptop")
            let id = try Controller.requestExtension(nameOrID: "laptop", rollsKey: true, inFolder: state)
            #expect(id == client.identityID)
            #expect(try await client.session(field: "isCertKeyRollRequested") as? Bool == true)
        }
    }

    @Test func aRequestNeedsAnEnrolledIdentityThatIsNamedUnambiguously() async throws {
        let folder = TemporaryFolder()
        let state = folder.path("state")
        try await withController({ $0.folder = state }) { controller in
            #expect(throws: ControllerError.self) { try controller.requestExtension(identityID: "nosuchid") }
            let open = try controller.makeEnrollment(name: "open")
            #expect(throws: ControllerError.self) { try controller.requestExtension(identityID: open.identityID) }
            _ = try await ExtendingClient(controller, name: "twice")
            _ = try await ExtendingClient(controller, name: "twice")
            let error = #expect(throws: ControllerError.self) {
                try Controller.requestExtension(nameOrID: "twice", inFolder: state)
            }
            #expect(error?.message.contains("2 identities") == true)
        }
    }

    // MARK: Lists

    @Test func anotherIdentitysAuthenticatorIsNotFound() async throws {
        try await withController { controller in
            let client = try await ExtendingClient(controller)
            let other = try await ExtendingClient(controller, name: "other")
            let answer = try await client.endpoint.client(of: controller).send("GET \(other.path)", client.headers)
            #expect(answer.error?["code"] as? String == "NOT_FOUND")
        }
    }

    @Test func aListEndsAtItsLimit() async throws {
        try await withController { controller in
            let client = try await ExtendingClient(controller)
            let answer = try await client.endpoint.client(of: controller)
                .send("GET /current-identity/authenticators?limit=0&offset=9", client.headers)
            #expect(answer.text.contains(#""data":[]"#))
            #expect(answer.text.contains(#""pagination":{"limit":0,"offset":9,"totalCount":1}"#))
        }
    }
}
