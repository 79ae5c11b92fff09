import DevelopmentController
import KeyStoreCore
import MutualTLS
import Testing
import ZitiEnrollment
import ZitiHTTP

/// Giving up a session, and ending it while it is being made.
struct SessionEndTests {
    @Test func whoIsCancelledDoesNotWaitForTheKey() async throws {
        let enrolled = try await Enrolled.make()
        let store = try await GatedStore.make()
        let publicKey = try await store.openSession(pin: .none).publicKey(at: store.uri)
        let file = try TestIdentity.file(publicKey, TestAuthority(), controllers: [enrolled.controller.url])
        let own = try IdentityFile(path: enrolled.path)
        let identity = try await ZitiIdentity.open(
            file, key: KeySource(store: store, pin: .none),
            options: .init(additionalAuthorities: own.authorities, timeoutSeconds: 300))
        store.isShut = true
        let task = Task { _ = try await identity.session() }
        await store.wait(signing: 1)
        task.cancel()
        let error = try await #require(throws: EnrollmentError.self) { try await task.value }
        #expect(error.code == .cancelled)
        store.isShut = false
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    private func logins(_ controller: Controller) -> Int {
        controller.requests.filter { $0.path.contains("/authenticate") }.count
    }

    @Test(arguments: [true, false])
    func aLoginThatIsMadeWhileTheSessionEndsIsEndedToo(_ logsOut: Bool) async throws {
        let enrolled = try await Enrolled.make()
        let identity = try await enrolled.identity()
        let session = try await identity.session()
        let begun = enrolled.controller.apiSessions.first?.id
        enrolled.controller.script(
            Fault(pathSuffix: "current-identity", effect: .answer(status: 401, headers: [], body: "{}")))
        enrolled.controller.script(Fault(pathSuffix: "authenticate", effect: .delay(milliseconds: 2000)))
        let before = logins(enrolled.controller)
        let request = Task { _ = try? await session.send(ZitiRequest(.get, "/current-identity")) }
        while logins(enrolled.controller) == before { await Task.yield() }
        if logsOut { try await session.logout() } else { await session.close() }
        await request.value
        // The first one is left as it is: to the session it was refused.
        let sessions = enrolled.controller.apiSessions
        #expect(sessions.count == 2)
        #expect(sessions.filter { $0.id != begun }.map { $0.endedAt != nil } == [true])
        await identity.close()
        try await enrolled.controller.shutdown()
    }

    @Test func aLoginThatFailedForOthersIsMadeWhereTheyDidNotTry() async throws {
        let enrolled = try await Enrolled.make()
        let again = enrolled.controller.url.replacing("localhost", with: "127.0.0.1")
        let identity = try await enrolled.identity(controllers: [enrolled.controller.url, again])
        let session = try await identity.session()
        let controller = enrolled.controller
        func versions() -> Int { controller.requests.filter { $0.path.hasSuffix("/version") }.count }
        let before = versions()
        // The first request leaves the first controller, and finds the second one without an answer for a while.
        controller.script(Fault(pathSuffix: "current-identity", effect: .closeBeforeProcessing))
        controller.script(Fault(pathSuffix: "version", effect: .delay(milliseconds: 1000)))
        controller.script(
            Fault(
                pathSuffix: "authenticate",
                effect: .answer(status: 503, headers: [], body: #"{"error":{"code":"CLUSTER_NO_LEADER"}}"#)))
        let first = Task { try await session.send(ZitiRequest(.get, "/current-identity")) }
        while versions() == before { await Task.yield() }
        let second = try await session.send(ZitiRequest(.get, "/current-identity"))
        #expect(second.status == 200)
        #expect(second.controller.text == controller.url)
        await #expect(throws: EnrollmentError.self) { try await first.value }
        try await session.logout()
        await identity.close()
        try await controller.shutdown()
    }
}
