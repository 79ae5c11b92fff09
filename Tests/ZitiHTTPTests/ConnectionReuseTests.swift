import KeyStoreCore
import MutualTLS
import Testing
import ZitiEnrollment

@testable import ZitiHTTP

/// One conversation is held over one connection: another one costs a signature, and with some tokens a touch.
struct ConnectionReuseTests {
    @Test func anAnswerThatComesBeforeTheEndOfItsRequestCostsNoConnection() async throws {
        let made = try await KeyPlace.memory.make(.ecP256)
        let server = try await MutualServer(body: .early)
        let uses = Uses()
        let identity = try await ZitiIdentity.open(
            TestIdentity.file(made.publicKey, server.authority), key: made.source,
            options: .init(onKeyUse: { uses.append($0) }))
        let address = try #require(ControllerAddress(String(server.url.dropLast())))
        try await identity.withHTTPClient { client in
            let exchange = ControllerExchange(client: client, timeoutSeconds: 300)
            for _ in 0..<100 {
                let answer = try await exchange.send(.POST, "/", to: address, body: Array("{}".utf8))
                #expect(answer.status == 200)
            }
        }
        #expect(uses.all.count == 1)
        await identity.close()
        try await server.close()
    }
}
