import AsyncHTTPClient
import MutualTLS
import NIOSSL
import Testing
import ZitiEnrollment

@testable import ZitiHTTP

struct TimeLimitTests {
    @Test(arguments: [MutualServer.Body.stalls, .drips])
    func anAnswerThatDoesNotEndIsGivenUpInTime(_ body: MutualServer.Body) async throws {
        let server = try await MutualServer(requiresCertificate: false, body: body)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates([try NIOSSLCertificate(bytes: server.authority.der, format: .der)])
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: HTTPClient.Configuration(tlsConfiguration: tls))
        let address = try #require(ControllerAddress(String(server.url.dropLast()), allowsClientAPI: true))
        let error = try await #require(throws: EnrollmentError.self) {
            _ = try await ControllerExchange(client: client, timeoutSeconds: 2).send(.GET, "/version", to: address)
        }
        #expect(error.code == .timedOut)
        try await client.shutdown()
        try await server.close()
    }
}
