import DevelopmentController
import Foundation
import KeyStoreCore
import MutualTLS
import Synchronization
import Testing
import ZitiEnrollment

@testable import ZitiHTTP

struct OIDCSessionTests {
    /// A controller with an OIDC provider, and an identity that it enrolled.
    private func enrolled() async throws -> Enrolled {
        try await Enrolled.make {
            $0.isOIDCEnabled = true
            $0.version = "v2.0.3"
        }
    }

    private func end(_ enrolled: Enrolled, _ identity: ZitiIdentity, _ session: ZitiSession? = nil) async throws {
        await session?.close()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    private func count(_ suffix: String, _ controller: Controller) -> Int {
        controller.requests.filter { $0.path.hasSuffix(suffix) }.count
    }

    private func redirect(_ location: String) -> Fault.Effect {
        .answer(status: 302, headers: [("Location", location)], body: "")
    }

    /// Begins a session, and demands that it fails in this way.
    private func refusal(
        _ path: String, _ effect: Fault.Effect
    ) async throws -> (error: EnrollmentError, requests: [SeenRequest]) {
        let enrolled = try await enrolled()
        enrolled.controller.script(Fault(pathSuffix: path, effect: effect))
        let identity = try await enrolled.identity()
        let error = try await #require(throws: EnrollmentError.self) { try await identity.session() }
        let requests = enrolled.controller.requests
        try await end(enrolled, identity)
        return (error, requests)
    }

    @Test func aControllerWithOIDCGivesAnOIDCSession() async throws {
        let enrolled = try await enrolled()
        let uses = Uses()
        let identity = try await enrolled.identity(options: .init(timeoutSeconds: 300, onKeyUse: { uses.append($0) }))
        let session = try await identity.session()
        #expect(await session.kind == .oidc)
        let response = try await session.send(ZitiRequest(.get, "/current-identity"))
        #expect(response.status == 200)
        let object = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        #expect((object?["data"] as? [String: Any])?["name"] as? String == "laptop")
        #expect(count("/authenticate", enrolled.controller) == 0)
        try await session.logout()
        #expect(enrolled.controller.apiSessions.map { $0.endedAt != nil } == [true])
        // The whole conversation is over one connection, with one signature.
        #expect(uses.all.count == 1)
        try await end(enrolled, identity)
    }

    @Test func aTokenIsRenewedBeforeItsEndByTheRefreshToken() async throws {
        let enrolled = try await enrolled()
        let identity = try await enrolled.identity()
        let late = Mutex(Duration.zero)
        let session = ZitiSession(identity, info: ClientInfo(), now: { .now + late.withLock { $0 } })
        try await session.begin()
        _ = try await session.send(ZitiRequest(.get, "/current-identity"))
        #expect(count("/oauth/token", enrolled.controller) == 1)
        late.withLock { $0 = .seconds(1750) }
        #expect(try await session.send(ZitiRequest(.get, "/current-identity")).status == 200)
        #expect(count("/oauth/token", enrolled.controller) == 2)
        #expect(count("/login/cert", enrolled.controller) == 1)
        try await end(enrolled, identity, session)
    }

    @Test func aRefreshTokenThatIsRefusedLeadsToANewLogin() async throws {
        let enrolled = try await enrolled()
        let identity = try await enrolled.identity()
        let late = Mutex(Duration.zero)
        let session = ZitiSession(identity, info: ClientInfo(), now: { .now + late.withLock { $0 } })
        try await session.begin()
        late.withLock { $0 = .seconds(1750) }
        enrolled.controller.script(
            Fault(
                pathSuffix: "/oauth/token",
                effect: .answer(status: 400, headers: [], body: #"{"error":"invalid_grant"}"#)))
        #expect(try await session.send(ZitiRequest(.get, "/current-identity")).status == 200)
        #expect(count("/login/cert", enrolled.controller) == 2)
        try await end(enrolled, identity, session)
    }

    @Test func aRefreshTokenIsOfNoUseWithAnotherCertificate() async throws {
        let enrolled = try await enrolled()
        let identity = try await enrolled.identity()
        let made = try await KeyPlace.memory.make(.ecP256)
        let other = try await ZitiIdentity.open(
            TestIdentity.file(made.publicKey, TestAuthority(), controllers: [enrolled.controller.url]),
            key: made.source, options: .init(additionalAuthorities: identity.file.authorities))
        let login = try await identity.withHTTPClient { client in
            try await OIDCLogin(
                exchange: ControllerExchange(client: client, timeoutSeconds: 300), controller: identity.file.controller,
                client: ClientInfo()
            ).logIn(OIDCEndpoints())
        }
        let refresh = try #require(login.refresh)
        let error = try await #require(throws: EnrollmentError.self) {
            try await other.withHTTPClient { client in
                _ = try await OIDCLogin(
                    exchange: ControllerExchange(client: client, timeoutSeconds: 300),
                    controller: identity.file.controller, client: ClientInfo()
                ).renew(refresh)
            }
        }
        #expect(error.refusal?.code == "invalid_grant")
        await other.close()
        try await end(enrolled, identity)
    }

    @Test func aTokenThatIsRefusedIsReplacedOnce() async throws {
        let enrolled = try await enrolled()
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        let refusal = Fault.Effect.answer(status: 401, headers: [], body: "{}")
        enrolled.controller.script(Fault(pathSuffix: "current-identity", effect: refusal))
        #expect(try await session.send(ZitiRequest(.get, "/current-identity")).status == 200)
        #expect(count("/login/cert", enrolled.controller) == 2)
        for _ in 0..<3 { enrolled.controller.script(Fault(pathSuffix: "current-identity", effect: refusal)) }
        #expect(try await session.send(ZitiRequest(.get, "/current-identity")).status == 401)
        #expect(count("/login/cert", enrolled.controller) == 3)
        try await end(enrolled, identity, session)
    }

    @Test func anAnswerToAnotherAuthorizationIsRefused() async throws {
        for query in ["code=x&state=other", "code=x", "code=x&state=", "code=x&state=a&state=b"] {
            let (error, requests) = try await refusal(
                "authorize/callback", redirect("http://localhost:20314/auth/callback?\(query)"))
            #expect(error.code == .answerInvalid)
            #expect(!requests.contains { $0.path.hasSuffix("/oauth/token") })
        }
    }

    @Test(arguments: [
        "http://localhost:20314/auth/callback?error=access_denied&error_description=no%20such%20luck",
        "/somewhere?error=access_denied&error_description=no%20such%20luck",
    ])
    func whatTheProviderRefusesWithIsTold(_ location: String) async throws {
        for path in ["/oidc/authorize", "/login/cert", "authorize/callback"] {
            let (error, _) = try await refusal(path, redirect(location))
            #expect(error.code == .refusedByController)
            #expect(error.refusal?.code == "access_denied")
            #expect(error.refusal?.message == "no such luck")
        }
    }

    @Test(arguments: [
        ("/oidc/authorize", "http://evil.example/login"),
        ("/oidc/authorize", "https://evil.example/login?authRequestID="),
        ("/login/cert", "http://evil.example/x"), ("authorize/callback", "http://localhost:20315/auth/callback?code=1"),
        ("authorize/callback", "//evil.example/"), ("authorize/callback", ""),
    ])
    func aRedirectThatLeadsElsewhereIsNotFollowed(_ path: String, _ location: String) async throws {
        let (error, _) = try await refusal(path, redirect(location))
        #expect(error.code == .answerInvalid)
    }

    @Test func redirectsWithoutEndAreGivenUp() async throws {
        let enrolled = try await enrolled()
        for _ in 0..<20 {
            enrolled.controller.script(
                Fault(pathSuffix: "authorize/callback", effect: redirect("/oidc/authorize/callback?id=1")))
        }
        let identity = try await enrolled.identity()
        let error = try await #require(throws: EnrollmentError.self) { try await identity.session() }
        #expect(error.code == .answerInvalid)
        #expect(count("authorize/callback", enrolled.controller) < 6)
        try await end(enrolled, identity)
    }

    @Test(arguments: ["/oidc/authorize", "authorize/callback"])
    func anAnswerThatDoesNotRedirectIsRefused(_ path: String) async throws {
        let (error, _) = try await refusal(path, .answer(status: 200, headers: [], body: "{}"))
        #expect(error.code == .answerInvalid)
    }

    @Test func aSecondFactorIsRefusedWithASentence() async throws {
        let (error, _) = try await refusal(
            "/login/cert", .answer(status: 200, headers: [], body: #"{"authQueries":[{"provider":"ziti"}]}"#))
        #expect(error.code == .refusedByController)
        #expect(error.message.contains("second factor"))
    }

    @Test func aCertificateThatIsNotKnownIsRefused() async throws {
        let (error, _) = try await refusal(
            "/login/cert",
            .answer(
                status: 401, headers: [],
                body: #"{"error":{"code":"INVALID_AUTH","message":"The authentication request failed"}}"#))
        #expect(error.refusal?.code == "INVALID_AUTH")
    }

    @Test(arguments: [
        "", "{}", #"{"access_token":"a","token_type":"mac"}"#, #"{"access_token":"a b","token_type":"Bearer"}"#,
        #"{"access_token":"","token_type":"Bearer"}"#, #"{"access_token":"a\r\nx: y","token_type":"Bearer"}"#,
    ])
    func aTokenThatCannotBeUsedIsRefused(_ body: String) async throws {
        let (error, _) = try await refusal("/oauth/token", .answer(status: 200, headers: [], body: body))
        #expect(error.code == .answerInvalid)
    }

    @Test(arguments: [
        "", "{}", #"{"authorization_endpoint":"http://h/a","token_endpoint":"https://h/t"}"#,
        #"{"authorization_endpoint":"https://h/a","token_endpoint":"ftp://h/t"}"#,
    ])
    func aDiscoveryDocumentThatNamesNoEndpointsIsRefused(_ body: String) async throws {
        let (error, _) = try await refusal("openid-configuration", .answer(status: 200, headers: [], body: body))
        #expect(error.code == .answerInvalid)
    }

    @Test func withoutADiscoveryDocumentTheUsualPathsServe() async throws {
        let enrolled = try await enrolled()
        enrolled.controller.script(
            Fault(pathSuffix: "openid-configuration", effect: .answer(status: 404, headers: [], body: "")))
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        #expect(await session.kind == .oidc)
        try await end(enrolled, identity, session)
    }

    @Test func whereverTheDocumentPointsTheControllerItselfIsAsked() async throws {
        let enrolled = try await enrolled()
        enrolled.controller.script(
            Fault(
                pathSuffix: "openid-configuration",
                effect: .answer(
                    status: 200, headers: [],
                    body: """
                        {"authorization_endpoint":"https://other.example:1/oidc/authorize",
                         "token_endpoint":"https://other.example:1/oidc/oauth/token"}
                        """)))
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        #expect(count("/oauth/token", enrolled.controller) == 1)
        try await end(enrolled, identity, session)
    }

    @Test(arguments: ["/oidc/authorize", "/login/cert", "authorize/callback", "/oauth/token", "openid-configuration"])
    func anAnswerWithoutEndIsBounded(_ path: String) async throws {
        let (error, _) = try await refusal(path, .streamBody(bytes: 100_000_000, declaresLength: false))
        #expect(error.code == .answerInvalid)
    }

    @Test func noTokenIsShown() async throws {
        let enrolled = try await enrolled()
        let identity = try await enrolled.identity()
        let login = try await identity.withHTTPClient { client in
            try await OIDCLogin(
                exchange: ControllerExchange(client: client, timeoutSeconds: 300), controller: identity.file.controller,
                client: ClientInfo()
            ).logIn(OIDCEndpoints())
        }
        let session = try await identity.session()
        var text = "\(login)"
        dump(login, to: &text)
        dump(session, to: &text)
        // What every JWT begins with.
        #expect(!text.contains("eyJ"))
        #expect(login.header.value.contains("eyJ"))
        try await end(enrolled, identity, session)
    }

    @Test(arguments: ["v2.0.3", "v2.1.0"])
    func aSessionGoesOnAtAPeerOfItsNetwork(_ version: String) async throws {
        let enrolled = try await Enrolled.make {
            $0.isOIDCEnabled = true
            $0.version = version
        }
        var configuration = Controller.Configuration()
        configuration.isOIDCEnabled = true
        configuration.version = version
        configuration.peerOf = enrolled.controller
        let peer = try await Controller.start(configuration)
        // The file knows of one controller; the network tells of the other.
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        #expect(await session.controllers.map(\.text) == [enrolled.controller.url, peer.url])
        try await enrolled.controller.shutdown()
        let response = try await session.send(ZitiRequest(.get, "/current-identity"))
        #expect(response.status == 200)
        #expect(response.controller.text == peer.url)
        #expect(await session.passedOver.map(\.controller.text) == [enrolled.controller.url])
        try await session.logout()
        await identity.close()
        try await peer.shutdown()
    }
}
