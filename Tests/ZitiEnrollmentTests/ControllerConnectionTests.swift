import DevelopmentController
import KeyStoreTLS
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

@testable import ZitiEnrollment

/// Whether a request may have left this machine decides whether a token may be spent.
struct ControllerConnectionTests {
    private func send(
        to url: String, trusting roots: [[UInt8]], timeoutSeconds: Int64 = 300
    ) async throws -> (error: EnrollmentError?, isSent: Bool) {
        let connection = ControllerConnection(
            try #require(ControllerAddress(url)), tls: try .makeKeyStoreClient(trustRoots: roots),
            deadline: .now() + .seconds(timeoutSeconds))
        let mark = SentMark()
        var failure: EnrollmentError?
        do throws(EnrollmentError) {
            _ = try await connection.send(.POST, "/enroll?method=ott&token=t", body: [1, 2, 3], sent: mark)
        } catch {
            failure = error
        }
        await connection.close()
        return (failure, mark.isSet)
    }

    private func roots(_ controller: Controller) throws -> [[UInt8]] {
        try #require(CertificateList.parse(pem: controller.certificateAuthoritiesPEM)).map { try $0.derBytes }
    }

    @Test func whereNobodyListensNothingIsSent() async throws {
        let controller = try await Controller.start()
        let roots = try roots(controller)
        try await controller.shutdown()
        let (error, isSent) = try await send(to: controller.url, trusting: roots)
        #expect(error?.code == .controllerUnreachable)
        #expect(error?.message.hasSuffix(": Connection refused") == true)
        #expect(!isSent)
    }

    @Test func aServerThatSharesNoVersionIsNamedWithTheReasonAndWithoutSourceFiles() async throws {
        var configuration = Controller.Configuration()
        configuration.tls = .tls13
        let controller = try await Controller.start(configuration)
        var tls = try TLSConfiguration.makeKeyStoreClient(trustRoots: roots(controller))
        tls.maximumTLSVersion = .tlsv12
        let connection = ControllerConnection(
            try #require(ControllerAddress(controller.url)), tls: tls, deadline: .now() + .seconds(300))
        let error = try await #require(throws: EnrollmentError.self) {
            _ = try await connection.send(.POST, "/enroll", body: [1], sent: SentMark())
        }
        #expect(error.code == .controllerUnreachable)
        #expect(error.message.contains("PROTOCOL_VERSION"), "\(error)")
        #expect(!error.message.contains("Sources/"), "\(error)")
        await connection.close()
        try await controller.shutdown()
    }

    @Test func whereNobodyAnswersTheHandshakeNothingIsSent() async throws {
        let controller = try await Controller.start()
        let silent = try await SilentServer.start()
        let (error, isSent) = try await send(
            to: "https://127.0.0.1:\(silent.port)", trusting: roots(controller), timeoutSeconds: 1)
        #expect(error?.code == .timedOut)
        #expect(!isSent)
        try await silent.close()
        try await controller.shutdown()
    }

    @Test func toAControllerThatIsNotTrustedNothingIsSent() async throws {
        let controller = try await Controller.start()
        let other = try await Controller.start()
        let (error, isSent) = try await send(to: controller.url, trusting: roots(other))
        #expect(error?.code == .certificateNotTrusted)
        #expect(!isSent)
        #expect(controller.requests.isEmpty)
        try await other.shutdown()
        try await controller.shutdown()
    }

    @Test func toAHostThatTheCertificateDoesNotNameNothingIsSent() async throws {
        var configuration = Controller.Configuration()
        configuration.certificateHostNames = ["other.example.org"]
        // NIOSSL takes a certificate for the address it connected to, too, whatever the host is called.
        configuration.certificateAddresses = ["192.0.2.1"]
        let controller = try await Controller.start(configuration)
        let (error, isSent) = try await send(to: controller.url, trusting: roots(controller))
        #expect(error?.code == .certificateNotTrusted)
        #expect(!isSent)
        #expect(controller.requests.isEmpty)
        try await controller.shutdown()
    }

    @Test func aRequestThatArrivedCountsAsSent() async throws {
        let controller = try await Controller.start()
        let (error, isSent) = try await send(to: controller.url, trusting: roots(controller))
        #expect(error == nil)
        #expect(isSent)
        try await controller.shutdown()
    }

    @Test func aConnectionThatBreaksAfterTheRequestCountsAsSent() async throws {
        let controller = try await Controller.start()
        controller.script(Fault(pathSuffix: "/enroll", effect: .closeBeforeProcessing))
        let (error, isSent) = try await send(to: controller.url, trusting: roots(controller))
        #expect(error != nil)
        #expect(isSent)
        try await controller.shutdown()
    }
}
