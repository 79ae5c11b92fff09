import AsyncHTTPClient
import KeyStoreCore
import MutualTLS
import NIOCore
import NIOPosix
import Testing
import ZitiEnrollment
import ZitiHTTP

/// A token that thinks keeps nobody waiting but its own handshake.
struct EventLoopTests {
    private func get(_ url: String, _ client: HTTPClient) async throws -> String {
        let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(300))
        return String(buffer: try await response.body.collect(upTo: 1 << 16))
    }

    @Test func otherConnectionsAndTimersOfTheSameEventLoopGoOnWhileATokenHangs() async throws {
        let token = try MockToken()
        // Everything on one thread: both servers, both clients, and the timer.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await MutualServer(group: group)
        let identity = try await ZitiIdentity.open(
            TestIdentity.file(token.publicKey(), server.authority), key: token.source)
        let quick = try await KeyPlace.memory.make(.ecP256)
        let other = try await ZitiIdentity.open(
            TestIdentity.file(quick.publicKey, server.authority), key: quick.source)

        try token.run("on C_Sign 1 hang")
        try await identity.withHTTPClient(eventLoopGroup: group) { hanging in
            async let waiting = get(server.url, hanging)
            #expect(await token.wait("hanging"))
            // The module's function does not return now, and these all do.
            try await other.withHTTPClient(eventLoopGroup: group) { client in
                let answer = try await get(server.url, client)
                #expect(answer == "TLSv1.3 CN=client")
            }
            try await group.next().scheduleTask(in: .milliseconds(1)) {}.futureResult.get()
            #expect(token.value("hanging") == 1)
            try token.run("release")
            #expect(try await waiting == "TLSv1.3 CN=client")
        }
        await identity.close()
        await other.close()
        try await server.close()
        try await group.shutdownGracefully()
    }

    @Test func handshakesGoOnInOtherSessionsWhileOneHangs() async throws {
        let token = try MockToken()
        let server = try await MutualServer()
        let identity = try await ZitiIdentity.open(
            TestIdentity.file(token.publicKey(), server.authority), key: token.source)
        try token.run("on C_Sign 1 hang")
        try await identity.withHTTPClient { hanging in
            async let waiting = get(server.url, hanging)
            #expect(await token.wait("hanging"))
            try await identity.withHTTPClient { client in
                let answer = try await get(server.url, client)
                #expect(answer == "TLSv1.3 CN=client")
            }
            #expect(await identity.sessionCount == 2)
            try token.run("release")
            #expect(try await waiting == "TLSv1.3 CN=client")
        }
        await identity.close()
        try await server.close()
    }

    @Test func aHandshakeThatIsGivenUpLeavesTheKeyUsable() async throws {
        let token = try MockToken()
        let server = try await MutualServer()
        let identity = try await ZitiIdentity.open(
            TestIdentity.file(token.publicKey(), server.authority), key: token.source,
            options: .init(maximumSessions: 2))
        try token.run("on C_Sign 1 hang")
        try await identity.withHTTPClient { client in
            let task = Task { try await get(server.url, client) }
            #expect(await token.wait("hanging"))
            task.cancel()
            await #expect(throws: (any Error).self) { try await task.value }
        }
        // The first session still waits for the module; a second one serves.
        try await identity.withHTTPClient { client in
            let answer = try await get(server.url, client)
            #expect(answer == "TLSv1.3 CN=client")
        }
        try token.run("release")
        await identity.close()
        try await server.close()
    }
}
