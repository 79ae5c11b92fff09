import DevelopmentController
import Foundation
import Testing

/// OpenID Connect: the discovery document is judged by recordings, the rest by nothing but the standards.
struct OpenIDTests {
    private func withClient(
        clock: ManualClock = ManualClock(), version: String = "v2.0.3",
        _ body: (OpenIDClient, ExtendingClient) async throws -> Void
    ) async throws {
        try await withController({
            $0.isOIDCEnabled = true
            $0.version = version
            $0.now = { clock.now }
        }) { controller in
            let enrolled = try await ExtendingClient(controller)
            try await body(OpenIDClient(controller, enrolled.endpoint.client(of: controller)), enrolled)
        }
    }

    private func asks(_ client: OpenIDClient, _ token: String?, _ path: String = "/current-identity") async throws
        -> RawClient.Answer
    {
        try await RawClient(port: client.controller.port).send(
            "GET \(path)", [("Authorization", "Bearer \(token ?? "")")])
    }

    @Test(arguments: ["v1.6.20", "v2.0.3"])
    func discoveryIsAsRecorded(_ version: String) async throws {
        let recording = try Recording(version == "v1.6.20" ? "openid-configuration" : "\(version)/openid-configuration")
        try await withClient(version: version) { client, _ in
            let answer = try await client.client.send(
                bytes: Array(
                    "GET /oidc/.well-known/openid-configuration HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
            #expect(answer.statusLine == recording.response.statusLine)
            let sent = answer.headers.filter { $0.name != "Connection" }
            // NIO writes the name of this header in lower case.
            #expect(
                sent.map(\.name)
                    == recording.response.headers.map {
                        $0[0] == "Transfer-Encoding" ? "transfer-encoding" : $0[0]
                    })
            #expect(
                normalized(String(decoding: OpenIDClient.unchunked(answer), as: UTF8.self))
                    == normalized(recording.response.body))
        }
    }

    @Test func theVersionTellsOfIt() async throws {
        try await withClient { client, _ in
            let text = try await client.client.send("GET /version").text
            #expect(
                text.contains(#""edge-oidc":{"v1":{"apiBaseUrls":["\#(client.controller.url)/oidc"],"path":"/oidc"}}"#))
            #expect(text.contains(#""capabilities":["OIDC_AUTH"]"#))
        }
    }

    @Test func withoutItThereAreNoEndpoints() async throws {
        try await withController { controller async throws in
            let client = RawClient(port: controller.port)
            #expect(try await client.send("GET /oidc/.well-known/openid-configuration").status == 404)
            #expect(try await !client.send("GET /version").text.contains("OIDC"))
        }
    }

    @Test func aCodeBecomesAnAccessTokenThatTheClientAPITakes() async throws {
        try await withClient { client, enrolled in
            let tokens = try await client.exchange(client.code())
            #expect(tokens.status == 200)
            #expect(OpenIDClient.member("token_type", tokens) == "Bearer")
            let identity = try await asks(client, OpenIDClient.member("access_token", tokens))
            #expect(identity.data?["id"] as? String == enrolled.identityID)
            let session = try #require(client.controller.apiSessions.first { $0.isOIDC })
            #expect(session.identityID == enrolled.identityID)
            let idToken = try JWT(try #require(OpenIDClient.member("id_token", tokens)))
            #expect(idToken.claims.contains(#""nonce":"the nonce""#))
            #expect(try idToken.isSigned(by: client.controller.serverCertificateDER))
        }
    }

    @Test func theRedirectsLeadFromStepToStepAndReturnTheState() async throws {
        try await withClient { client, _ in
            let authorized = try await client.authorize()
            #expect(authorized.status == 302)
            let id = try #require(OpenIDClient.parameter("authRequestID", authorized))
            let loggedIn = try await client.logIn(id)
            #expect(loggedIn.status == 302)
            #expect(loggedIn.header("Location") == client.controller.url + "/oidc/authorize/callback?id=\(id)")
            let returned = try await client.client.send("GET /oidc/authorize/callback?id=\(id)")
            #expect(returned.header("Location")?.hasPrefix(OpenIDClient.redirectURI + "?") == true)
            #expect(OpenIDClient.parameter("state", returned) == "the state")
        }
    }

    @Test func aCodeIsGoodOnce() async throws {
        try await withClient { client, _ in
            let code = try await client.code()
            #expect(try await client.exchange(code).status == 200)
            #expect(OpenIDClient.member("error", try await client.exchange(code)) == "invalid_grant")
        }
    }

    @Test func aWrongVerifierSpoilsTheCode() async throws {
        try await withClient { client, _ in
            let code = try await client.code()
            let wrong = try await client.exchange(code, verifier: "another")
            #expect(wrong.status == 400)
            #expect(OpenIDClient.member("error", wrong) == "invalid_grant")
            #expect(try await client.exchange(code).status == 400)
        }
    }

    @Test(arguments: [
        ("client_id", "somebody"), ("redirect_uri", "https://evil.example/"), ("redirect_uri", ""),
    ])
    func aClientNobodyKnowsIsNotRedirected(_ name: String, _ value: String) async throws {
        try await withClient { client, _ in
            var client = client
            client.parameters[name] = value
            let answer = try await client.authorize()
            #expect(answer.status == 400)
            #expect(answer.header("Location") == nil)
        }
    }

    @Test(arguments: [
        ("response_type", "token", "unsupported_response_type"), ("scope", "email", "invalid_scope"),
        ("code_challenge", "", "invalid_request"), ("code_challenge_method", "plain", "invalid_request"),
    ])
    func aWrongRequestIsToldToTheClient(_ name: String, _ value: String, _ error: String) async throws {
        try await withClient { client, _ in
            var client = client
            client.parameters[name] = value
            let answer = try await client.authorize()
            #expect(answer.status == 302)
            #expect(OpenIDClient.parameter("error", answer) == error)
            #expect(OpenIDClient.parameter("state", answer) == "the state")
        }
    }

    @Test func aLoginWithoutTheCertificateIsRefused() async throws {
        try await withClient { client, _ in
            let anonymous = OpenIDClient(client.controller, RawClient(port: client.controller.port))
            let id = OpenIDClient.parameter("authRequestID", try await anonymous.authorize())
            let answer = try await anonymous.logIn(try #require(id))
            #expect(answer.error?["code"] as? String == "INVALID_AUTH")
            let returned = try await anonymous.client.send("GET /oidc/authorize/callback?id=\(id ?? "")")
            #expect(OpenIDClient.parameter("error", returned) == "interaction_required")
        }
    }

    @Test func whatHasNoAuthorizationIsRefused() async throws {
        try await withClient { client, _ async throws in
            #expect(try await client.logIn("nosuchid").status == 400)
            #expect(try await client.client.send("GET /oidc/authorize/callback?id=nosuchid").status == 400)
            #expect(try await client.exchange("nosuchcode").status == 400)
        }
    }

    @Test(arguments: [
        (["grant_type": "password"], "unsupported_grant_type"),
        (["grant_type": "authorization_code", "client_id": "somebody"], "invalid_client"),
        (["grant_type": "refresh_token", "refresh_token": "a.b.c"], "invalid_grant"),
    ])
    func aTokenRequestThatIsWrongIsRefused(_ form: [String: String], _ error: String) async throws {
        try await withClient { client, _ in
            let answer = try await client.token(form)
            #expect(answer.status == 400)
            #expect(OpenIDClient.member("error", answer) == error)
        }
    }

    @Test func aTokenRequestIsAForm() async throws {
        try await withClient { client, _ in
            let answer = try await client.client.send(
                "POST /oidc/oauth/token", [("Content-Type", "application/json")], body: "{}")
            #expect(OpenIDClient.member("error", answer) == "invalid_request")
        }
    }

    @Test func aRefreshNeedsTheCertificateOfTheSession() async throws {
        try await withClient { client, enrolled in
            let tokens = try await client.exchange(client.code())
            let refresh = OpenIDClient.member("refresh_token", tokens)
            let stranger = OpenIDClient(client.controller, RawClient(port: client.controller.port))
            #expect(OpenIDClient.member("error", try await stranger.refresh(refresh)) == "invalid_grant")
            let other = try await ExtendingClient(client.controller, name: "other")
            let foreign = OpenIDClient(client.controller, try other.endpoint.client(of: client.controller))
            #expect(try await foreign.refresh(refresh).status == 400)
            let renewed = try await client.refresh(refresh)
            #expect(renewed.status == 200)
            let identity = try await asks(client, OpenIDClient.member("access_token", renewed))
            #expect(identity.data?["id"] as? String == enrolled.identityID)
        }
    }

    @Test func anAccessTokenLastsHalfAnHourAndARefreshTokenADay() async throws {
        let clock = ManualClock()
        try await withClient(clock: clock) { client, _ in
            let tokens = try await client.exchange(client.code())
            let access = OpenIDClient.member("access_token", tokens)
            clock.advance(seconds: 1790)
            #expect(try await asks(client, access).status == 200)
            clock.advance(seconds: 20)
            let refused = try await asks(client, access)
            #expect(refused.error?["code"] as? String == "UNAUTHORIZED")
            #expect(refused.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
            #expect(try await client.refresh(OpenIDClient.member("refresh_token", tokens)).status == 200)
            clock.advance(seconds: 86_400)
            #expect(try await client.refresh(OpenIDClient.member("refresh_token", tokens)).status == 400)
        }
    }

    @Test func anotherTokenThanAnAccessTokenIsRefused() async throws {
        try await withClient { client, _ in
            let tokens = try await client.exchange(client.code())
            #expect(try await asks(client, OpenIDClient.member("refresh_token", tokens)).status == 401)
            #expect(try await asks(client, OpenIDClient.member("id_token", tokens)).status == 401)
            #expect(try await asks(client, client.controller.makeEnrollment(name: "a").jwt).status == 401)
        }
    }

    @Test func aLogoutEndsTheSessionAndItsTokens() async throws {
        try await withClient { client, _ in
            let tokens = try await client.exchange(client.code())
            let access = OpenIDClient.member("access_token", tokens)
            let headers = [("Authorization", "Bearer \(access ?? "")")]
            #expect(try await client.client.send("DELETE /current-api-session", headers).status == 200)
            #expect(try await asks(client, access).status == 401)
            #expect(try await client.refresh(OpenIDClient.member("refresh_token", tokens)).status == 400)
        }
    }

    @Test(arguments: [true, false])
    func aPasswordLogsInToo(_ isRight: Bool) async throws {
        try await withClient { client, _ in
            let anonymous = RawClient(port: client.controller.port)
            let enrollment = try client.controller.makeEnrollment(name: "user", username: "username")
            let login = #"{"username":"username","password":"a password"}"#
            _ = try await anonymous.send(
                "POST /enroll?method=updb&token=\(enrollment.token)", ExtendingClient.json, body: login)
            let user = OpenIDClient(client.controller, anonymous)
            let code = try await user.code(
                method: "password", body: isRight ? login : login.replacingOccurrences(of: "a password", with: "none"))
            #expect((code != nil) == isRight)
            #expect(try await user.exchange(code).status == (isRight ? 200 : 400))
        }
    }

    @Test func aPeerTakesTheAccessToken() async throws {
        try await withClient { client, enrolled in
            let access = OpenIDClient.member("access_token", try await client.exchange(client.code()))
            try await withController({
                $0.peerOf = client.controller
                $0.isOIDCEnabled = true
            }) { peer in
                let answer = try await RawClient(port: peer.port)
                    .send("GET /current-identity", [("Authorization", "Bearer \(access ?? "")")])
                #expect(answer.data?["id"] as? String == enrolled.identityID)
            }
        }
    }

    @Test(arguments: [(ServerKeyType.p256, "EC"), (.p384, "EC"), (.p521, "EC"), (.rsa2048, "RSA")])
    func theKeysAreThoseThatSign(_ type: ServerKeyType, _ kind: String) async throws {
        try await withController({
            $0.isOIDCEnabled = true
            $0.serverKey = type
        }) { controller in
            let text = try await RawClient(port: controller.port).send("GET /oidc/keys").text
            let jwt = try JWT(controller.makeEnrollment(name: "a").jwt)
            #expect(text.contains(#""kty":"\#(kind)""#))
            let kid = try #require(text.firstMatch(of: /"kid":"[0-9a-f]{40}"/)?.output)
            #expect(jwt.header.contains(kid))
        }
    }
}
