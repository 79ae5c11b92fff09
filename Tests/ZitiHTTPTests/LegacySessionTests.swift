import DevelopmentController
import Foundation
import KeyStoreCore
import MutualTLS
import Testing
import ZitiEnrollment
import ZitiHTTP

struct LegacySessionTests {
    private func paths(_ controller: Controller) -> [String] {
        controller.requests.map { "\($0.method) \($0.path.split(separator: "/").last ?? "")" }
    }

    private func name(_ response: ZitiResponse) throws -> String? {
        let object = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        return (object?["data"] as? [String: Any])?["name"] as? String
    }

    @Test func aControllerWithoutOIDCGivesALegacySession() async throws {
        let enrolled = try await Enrolled.make()
        let uses = Uses()
        let identity = try await enrolled.identity(options: .init(timeoutSeconds: 300, onKeyUse: { uses.append($0) }))
        let session = try await identity.session()
        #expect(await session.kind == .legacy)
        let response = try await session.send(ZitiRequest(.get, "/current-identity"))
        #expect(response.status == 200)
        #expect(try name(response) == "laptop")
        #expect(response.controller == identity.file.controller)
        try await session.logout()
        #expect(enrolled.controller.apiSessions.map { $0.endedAt != nil } == [true])
        // One connection, one handshake, one signature.
        #expect(uses.all.count == 1)
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func aSessionThatEndedIsBegunAnewOnce() async throws {
        let clock = ManualClock()
        let enrolled = try await Enrolled.make { $0.now = { clock.now } }
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        clock.advance(seconds: 3600)
        let response = try await session.send(ZitiRequest(.get, "/current-identity"))
        #expect(response.status == 200)
        #expect(enrolled.controller.apiSessions.count == 2)
        try await session.logout()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func aRequestThatIsRefusedAgainIsAnAnswerAndNoLoop() async throws {
        let enrolled = try await Enrolled.make()
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        for _ in 0..<4 {
            enrolled.controller.script(
                Fault(pathSuffix: "current-identity", effect: .answer(status: 401, headers: [], body: "{}")))
        }
        let response = try await session.send(ZitiRequest(.get, "/current-identity"))
        #expect(response.status == 401)
        #expect(enrolled.controller.apiSessions.count == 2)
        #expect(paths(enrolled.controller).filter { $0 == "GET current-identity" }.count == 2)
        await session.close()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func severalRequestsThatAreRefusedAtOnceBeginOneSession() async throws {
        let clock = ManualClock()
        let enrolled = try await Enrolled.make { $0.now = { clock.now } }
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        clock.advance(seconds: 3600)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { try await session.send(ZitiRequest(.get, "/current-identity")).status }
            }
            for try await status in group { #expect(status == 200) }
        }
        #expect(enrolled.controller.apiSessions.count == 2)
        try await session.logout()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func anIdentityThatIsRefusedHasNoSessionAndIsNotTriedElsewhere() async throws {
        let enrolled = try await Enrolled.make()
        let other = try await Controller.start()
        enrolled.controller.script(
            Fault(
                pathSuffix: "authenticate",
                effect: .answer(
                    status: 401, headers: [],
                    body: #"{"error":{"code":"INVALID_AUTH","message":"The authentication request failed"}}"#)))
        let identity = try await enrolled.identity(controllers: [enrolled.controller.url, other.url])
        let error = try await #require(throws: EnrollmentError.self) { try await identity.session() }
        #expect(error.code == .refusedByController)
        #expect(error.refusal?.code == "INVALID_AUTH")
        #expect(other.requests.isEmpty)
        await identity.close()
        try await other.shutdown()
        try await enrolled.controller.shutdown()
    }

    @Test func aSecondFactorIsRefusedWithASentence() async throws {
        let enrolled = try await Enrolled.make()
        enrolled.controller.script(
            Fault(
                pathSuffix: "authenticate",
                effect: .answer(
                    status: 200, headers: [], body: #"{"data":{"token":"t","authQueries":[{"provider":"ziti"}]}}"#)))
        let identity = try await enrolled.identity()
        let error = try await #require(throws: EnrollmentError.self) { try await identity.session() }
        #expect(error.code == .refusedByController)
        #expect(error.message.contains("second factor"))
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test(arguments: [
        ("version", "{}"), ("version", "no JSON"), ("authenticate", "{\"data\":{}}"),
        ("authenticate", "{\"data\":{\"token\":\"a\\r\\nb: c\"}}"), ("authenticate", "{\"data\":{\"token\":\"\"}}"),
    ])
    func anAnswerThatIsNoneIsRefused(_ path: String, _ body: String) async throws {
        let enrolled = try await Enrolled.make()
        enrolled.controller.script(Fault(pathSuffix: path, effect: .answer(status: 200, headers: [], body: body)))
        let identity = try await enrolled.identity()
        let error = try await #require(throws: EnrollmentError.self) { try await identity.session() }
        #expect(error.code == .answerInvalid)
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func anAnswerWithoutEndIsBounded() async throws {
        let enrolled = try await Enrolled.make()
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        let body = String(repeating: "x", count: (1 << 20) + 1)
        enrolled.controller.script(
            Fault(pathSuffix: "current-identity", effect: .answer(status: 200, headers: [], body: body)))
        let error = try await #require(throws: EnrollmentError.self) {
            try await session.send(ZitiRequest(.get, "/current-identity"))
        }
        #expect(error.code == .answerInvalid)
        try await session.logout()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test(arguments: [false, true])
    func anAnswerWhoseBodyDoesNotEndIsGivenUpInTime(_ drips: Bool) async throws {
        let enrolled = try await Enrolled.make()
        let identity = try await enrolled.identity(options: .init(timeoutSeconds: 5))
        let session = try await identity.session()
        enrolled.controller.script(Fault(pathSuffix: "current-identity", effect: .hangInBody(drips: drips)))
        let error = try await #require(throws: EnrollmentError.self) {
            try await session.send(ZitiRequest(.post, "/current-identity", body: Array("{}".utf8)))
        }
        #expect(error.code == .timedOut)
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func noTokenIsShown() async throws {
        let enrolled = try await Enrolled.make()
        let token = "a-secret-token"
        enrolled.controller.script(
            Fault(
                pathSuffix: "authenticate",
                effect: .answer(
                    status: 200, headers: [("zt-session", token)], body: "{\"data\":{\"token\":\"\(token)\"}}")))
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        var text = ""
        dump(session, to: &text)
        enrolled.controller.script(
            Fault(
                pathSuffix: "current-identity",
                effect: .answer(status: 200, headers: [("zt-session", token)], body: "{}")))
        dump(try await session.send(ZitiRequest(.get, "/current-identity")), to: &text)
        #expect(!text.contains(token))
        await session.close()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func aPathThatLeadsElsewhereIsRefused() async throws {
        let enrolled = try await Enrolled.make()
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        let error = try await #require(throws: EnrollmentError.self) {
            try await session.send(ZitiRequest(.get, "@evil.example/"))
        }
        #expect(error.code == .inputInvalid)
        try await session.logout()
        let closed = try await #require(throws: EnrollmentError.self) {
            try await session.send(ZitiRequest(.get, "/current-identity"))
        }
        #expect(closed.code == .cancelled)
        await identity.close()
        try await enrolled.controller.shutdown()
    }
}
