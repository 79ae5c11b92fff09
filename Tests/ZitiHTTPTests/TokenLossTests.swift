import AsyncHTTPClient
import KeyStoreCore
import MutualTLS
import NIOCore
import Testing
import ZitiEnrollment
import ZitiHTTP

/// Tokens that go away, come back, or come back as others, between handshakes and during them.
struct TokenLossTests {
    /// A client whose connections end after each answer, so that each request is a handshake.
    private func withClient<Result>(
        _ identity: ZitiIdentity, _ url: String,
        _ body: (@escaping @Sendable () async throws -> String) async throws -> Result
    ) async throws -> Result {
        try await identity.withHTTPClient { client in
            try await body {
                var request = HTTPClientRequest(url: url)
                request.headers = ["Connection": "close"]
                let response = try await client.execute(request, timeout: .seconds(300))
                return String(buffer: try await response.body.collect(upTo: 1 << 16))
            }
        }
    }

    private func setUp(sessions: Int? = nil) async throws -> (MockToken, MutualServer, ZitiIdentity) {
        let token = try MockToken()
        let server = try await MutualServer()
        let identity = try await ZitiIdentity.open(
            TestIdentity.file(token.publicKey(), server.authority), key: token.source,
            options: .init(maximumSessions: sessions))
        return (token, server, identity)
    }

    @Test func aTokenThatIsGoneIsTheErrorAndOneThatComesBackIsFoundByTheNextHandshake() async throws {
        let (token, server, identity) = try await setUp()
        try await withClient(identity, server.url) { get in
            #expect(try await get() == "TLSv1.3 CN=client")
            try token.run("vanish")
            let error = try await #require(throws: KeyStoreError.self) { try await get() }
            #expect(error.code == .tokenRemoved || error.code == .noSuchToken)
            // Again: the handle was let go of, and the token is looked for.
            await #expect(throws: KeyStoreError.self) { try await get() }
            try token.run("appear")
            #expect(try await get() == "TLSv1.3 CN=client")
        }
        await identity.close()
        try await server.close()
    }

    @Test func aSessionThatEndsBehindTheBackIsOpenedAnew() async throws {
        let (token, server, identity) = try await setUp()
        try await withClient(identity, server.url) { get in
            #expect(try await get() == "TLSv1.3 CN=client")
            try token.run("end-sessions")
            #expect(try await get() == "TLSv1.3 CN=client")
            try token.run("logout")
            #expect(try await get() == "TLSv1.3 CN=client")
        }
        await identity.close()
        try await server.close()
    }

    @Test func anotherTokenInItsPlaceDoesNotSign() async throws {
        let (token, server, identity) = try await setUp()
        try await withClient(identity, server.url) { get in
            _ = try await get()
            try token.run("vanish\nserial 0000000000000009\nremove any\nkey P-256 label=key id=01 seed=9\nappear")
            let signatures = token.value("C_Sign")
            let error = try await #require(throws: KeyStoreError.self) { try await get() }
            #expect(error.code == .identityChanged)
            let again = try await #require(throws: KeyStoreError.self) { try await get() }
            #expect(again.code == .identityChanged)
            #expect(token.value("C_Sign") == signatures)
        }
        await identity.close()
        try await server.close()
    }

    @Test func aFailureInTheHandshakeIsTheKeysOwnErrorAndTheKeyIsAskedOnce() async throws {
        let (token, server, identity) = try await setUp()
        try await withClient(identity, server.url) { get in
            _ = try await get()
            let signatures = token.value("C_SignInit")
            try token.run("on C_SignInit 1+ return CKR_FUNCTION_REJECTED")
            let error = try await #require(throws: KeyStoreError.self) { try await get() }
            #expect(error.native?.name == "CKR_FUNCTION_REJECTED")
            #expect(token.value("C_SignInit") == signatures + 1)
            try token.run("clear")
            #expect(try await get() == "TLSv1.3 CN=client")
        }
        await identity.close()
        try await server.close()
    }

    @Test func aTokenThatAllowsOneSessionServesParallelHandshakes() async throws {
        let (token, server, identity) = try await setUp(sessions: 8)
        try token.run("sessions 1")
        try await withClient(identity, server.url) { get in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { try await get() } }
                for try await answer in group { #expect(answer == "TLSv1.3 CN=client") }
            }
        }
        #expect(token.value("sessions") == 1)
        await identity.close()
        try await server.close()
    }

    @Test func theStoreIsClosedWithTheIdentity() async throws {
        let (token, server, identity) = try await setUp()
        try await withClient(identity, server.url) { get in
            _ = try await get()
            #expect(token.value("sessions") > 0)
            await identity.close()
            #expect(token.value("sessions") == 0)
            let error = try await #require(throws: KeyStoreError.self) { try await get() }
            #expect(error.code == .cancelled)
        }
        try await server.close()
    }
}
