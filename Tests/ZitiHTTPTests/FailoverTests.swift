import DevelopmentController
import Foundation
import KeyStoreCore
import MutualTLS
import Testing
import ZitiEnrollment
import ZitiHTTP

/// Several controllers of one network. They stand on one folder, one after the other, or share nothing but faults.
struct FailoverTests {
    /// A port on loopback where nobody listens: that of a controller that was shut down.
    private func goneURL() async throws -> String {
        let controller = try await Controller.start()
        try await controller.shutdown()
        return controller.url
    }

    private let noLeader = Fault.Effect.answer(
        status: 503, headers: [],
        body: #"{"error":{"code":"CLUSTER_NO_LEADER","message":"Cluster has no leader"}}"#)

    @Test func aSessionBeginsAtTheFirstControllerThatServes() async throws {
        let enrolled = try await Enrolled.make()
        let gone = try await goneURL()
        let identity = try await enrolled.identity(controllers: [gone, enrolled.controller.url])
        let session = try await identity.session()
        #expect(await session.controller.text == enrolled.controller.url)
        let passedOver = await session.passedOver
        #expect(passedOver.map(\.controller.text) == [gone])
        #expect(passedOver.map(\.error.code) == [.controllerUnreachable])
        try await session.logout()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func aControllerWithoutALeaderIsPassedOver() async throws {
        let enrolled = try await Enrolled.make()
        enrolled.controller.script(Fault(pathSuffix: "authenticate", effect: noLeader))
        // The same controller under another name, which stands for a second one.
        let again = enrolled.controller.url.replacing("localhost", with: "127.0.0.1")
        let identity = try await enrolled.identity(controllers: [enrolled.controller.url, again])
        let session = try await identity.session()
        #expect(await session.controller.text == again)
        #expect(await session.passedOver.first?.error.refusal?.code == "CLUSTER_NO_LEADER")
        try await session.logout()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test(arguments: ["version", "authenticate"])
    func aControllerThatHangsIsPassedOver(_ path: String) async throws {
        let enrolled = try await Enrolled.make()
        let again = enrolled.controller.url.replacing("localhost", with: "127.0.0.1")
        enrolled.controller.script(Fault(pathSuffix: path, effect: .hang))
        let identity = try await enrolled.identity(
            controllers: [enrolled.controller.url, again], options: .init(timeoutSeconds: 2))
        let session = try await identity.session()
        #expect(await session.controller.text == again)
        #expect(await session.passedOver.map(\.error.code) == [.timedOut])
        try await session.logout()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func aPortThatTakesConnectionsAndSaysNothingIsPassedOver() async throws {
        let enrolled = try await Enrolled.make()
        let silent = try await SilentServer()
        let file = try TestIdentity.file(enrolled.path, controllers: [silent.url, enrolled.controller.url])
        let identity = try await ZitiIdentity.open(file, key: enrolled.source, options: .init(timeoutSeconds: 2))
        let session = try await identity.session()
        #expect(await session.controller.text == enrolled.controller.url)
        #expect(await session.passedOver.map(\.error.code) == [.timedOut])
        try await session.logout()
        await identity.close()
        let result = try await Authenticator(identity: file, timeoutSeconds: 2).authenticate(with: enrolled.source)
        #expect(result.passedOver.map(\.error.code) == [.timedOut])
        try await silent.close()
        try await enrolled.controller.shutdown()
    }

    @Test(arguments: ServerFlaw.allCases)
    func onlyAControllerThatCannotProveItselfIsPassedOver(_ flaw: ServerFlaw) async throws {
        let enrolled = try await Enrolled.make()
        var configuration = Controller.Configuration()
        configuration.peerOf = enrolled.controller
        configuration.serverFlaw = flaw
        let flawed = try await Controller.start(configuration)
        let identity = try await enrolled.identity(controllers: [flawed.url, enrolled.controller.url])
        let session = try await identity.session()
        switch flaw {
        case .expired, .otherHost:
            #expect(await session.controller.text == enrolled.controller.url)
            #expect(await session.passedOver.map(\.error.code) == [.certificateNotTrusted])
            #expect(flawed.requests.isEmpty)
        case .chainOutOfOrder, .leafOnly:
            // The identity file holds what lies between.
            #expect(await session.controller.text == flawed.url)
        }
        try await session.logout()
        await identity.close()
        try await flawed.shutdown()
        try await enrolled.controller.shutdown()
    }

    @Test func whereNoneServesEachHasItsSentence() async throws {
        let enrolled = try await Enrolled.make()
        let gone = [try await goneURL(), try await goneURL()]
        enrolled.controller.script(Fault(pathSuffix: "version", effect: noLeader))
        let identity = try await enrolled.identity(controllers: gone + [enrolled.controller.url])
        let error = try await #require(throws: EnrollmentError.self) { try await identity.session() }
        #expect(error.code == .controllerUnreachable)
        for url in gone + [enrolled.controller.url, "Cluster has no leader"] { #expect(error.message.contains(url)) }
        let failures = try #require(error.underlying as? ControllerFailures)
        #expect(failures.attempts.map(\.controller.text) == gone + [enrolled.controller.url])
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func authenticationTriesTheControllersInOrderAndSaysWhichAnswered() async throws {
        let enrolled = try await Enrolled.make()
        let gone = try await goneURL()
        let file = try TestIdentity.file(enrolled.path, controllers: [gone, enrolled.controller.url])
        let result = try await Authenticator(identity: file, timeoutSeconds: 300).authenticate(with: enrolled.source)
        #expect(result.controller.text == enrolled.controller.url)
        #expect(result.passedOver.map(\.controller.text) == [gone])
        try await enrolled.controller.shutdown()
    }

    @Test func authenticationThatIsRefusedIsNotTriedElsewhere() async throws {
        let enrolled = try await Enrolled.make()
        let again = enrolled.controller.url.replacing("localhost", with: "127.0.0.1")
        let file = try TestIdentity.file(enrolled.path, controllers: [enrolled.controller.url, again])
        enrolled.controller.script(
            Fault(pathSuffix: "authenticate", effect: .answer(status: 401, headers: [], body: "{}")))
        let before = enrolled.controller.requests.count
        let error = try await #require(throws: EnrollmentError.self) {
            try await Authenticator(identity: file, timeoutSeconds: 300).authenticate(with: enrolled.source)
        }
        #expect(error.refusal?.status == 401)
        #expect(enrolled.controller.requests.count == before + 1)
        try await enrolled.controller.shutdown()
    }

    @Test func aRequestThatMayBeRepeatedGoesToTheNextController() async throws {
        let enrolled = try await Enrolled.make()
        let again = enrolled.controller.url.replacing("localhost", with: "127.0.0.1")
        let identity = try await enrolled.identity(controllers: [enrolled.controller.url, again])
        let session = try await identity.session()
        enrolled.controller.script(Fault(pathSuffix: "current-identity", effect: .closeBeforeProcessing))
        let response = try await session.send(ZitiRequest(.get, "/current-identity"))
        #expect(response.status == 200)
        #expect(response.controller.text == again)
        try await session.logout()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func aRequestThatMayHaveBeenDoneIsNotRepeated() async throws {
        let enrolled = try await Enrolled.make()
        let again = enrolled.controller.url.replacing("localhost", with: "127.0.0.1")
        let identity = try await enrolled.identity(controllers: [enrolled.controller.url, again])
        let session = try await identity.session()
        let path = "/authenticate?method=cert"
        for body in [Array("{}".utf8), [], nil] {
            enrolled.controller.script(Fault(pathSuffix: "authenticate", effect: .closeAfterProcessing))
            let before = enrolled.controller.requests.count
            await #expect(throws: EnrollmentError.self) {
                try await session.send(ZitiRequest(.post, path, body: body))
            }
            #expect(enrolled.controller.requests.count == before + 1)
        }
        // A failure of the controller's own is an answer, as it may have done what was asked.
        enrolled.controller.script(
            Fault(pathSuffix: "authenticate", effect: .answer(status: 500, headers: [], body: "{}")))
        let failed = try await session.send(ZitiRequest(.post, path, body: Array("{}".utf8)))
        #expect(failed.status == 500)
        // Without a leader nothing was done.
        enrolled.controller.script(Fault(pathSuffix: "authenticate", effect: noLeader))
        let moved = try await session.send(ZitiRequest(.post, path, body: Array("{}".utf8)))
        #expect(moved.status == 200)
        #expect(moved.controller.text == again)
        try await session.logout()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func whereEveryControllerFailsTheLastAnswerIsGivenBack() async throws {
        let enrolled = try await Enrolled.make()
        let again = enrolled.controller.url.replacing("localhost", with: "127.0.0.1")
        let identity = try await enrolled.identity(controllers: [enrolled.controller.url, again])
        let session = try await identity.session()
        for _ in 0..<2 { enrolled.controller.script(Fault(pathSuffix: "current-identity", effect: noLeader)) }
        let response = try await session.send(ZitiRequest(.get, "/current-identity"))
        #expect(response.status == 503)
        #expect(response.controller.text == again)
        try await session.logout()
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func theNumberOfControllersIsBounded() async throws {
        let enrolled = try await Enrolled.make()
        let many = (1...100).map { "https://localhost:\($0)/edge/client/v1" }
        let file = try TestIdentity.file(enrolled.path, controllers: many)
        #expect(file.controllers.count == IdentityFile.maximumControllers)
        #expect(file.controllers.first?.text == "https://localhost:1")
        try await enrolled.controller.shutdown()
    }

    @Test func addressesThatCannotBeReadOrAreThereAlreadyArePassedOver() async throws {
        let enrolled = try await Enrolled.make()
        let file = try TestIdentity.file(
            enrolled.path,
            controllers: [
                "https://a.example:1280/edge/client/v1", "http://b.example", "", "https://A.example:1280",
                "https://c.example",
            ])
        #expect(file.controllers.map(\.text) == ["https://a.example:1280", "https://c.example"])
        try await enrolled.controller.shutdown()
    }

    @Test func aKeyThatFailsIsNotTriedWithEveryController() async throws {
        let enrolled = try await Enrolled.make()
        let again = enrolled.controller.url.replacing("localhost", with: "127.0.0.1")
        let store = try await GatedStore.make()
        let publicKey = try await store.openSession(pin: .none).publicKey(at: store.uri)
        let authority = try TestAuthority()
        let file = try TestIdentity.file(publicKey, authority, controllers: [enrolled.controller.url, again])
        let own = try IdentityFile(path: enrolled.path)
        let identity = try await ZitiIdentity.open(
            file, key: KeySource(store: store, pin: .none),
            options: .init(additionalAuthorities: own.authorities, timeoutSeconds: 300))
        store.failure = KeyStoreError(.touchTimeout, "nobody touched it")
        let error = try await #require(throws: EnrollmentError.self) { try await identity.session() }
        #expect(error.keyStoreError?.code == .touchTimeout)
        #expect(store.signatures == 1)
        await identity.close()
        try await enrolled.controller.shutdown()
    }
}
