import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Requests to a controller whose authorities are known. Made when first needed; to be closed.
final class ControllerConnection: Sendable {
    /// The longest answer that is read, in bytes.
    static let maximumLength = 1 << 20

    private let client: HTTPClient
    private let address: ControllerAddress
    private let deadline: NIODeadline

    /// Trusts what the TLS configuration trusts. All requests together have to be answered before the deadline.
    init(_ address: ControllerAddress, tls: TLSConfiguration, proxy: HTTPProxy? = nil, deadline: NIODeadline) {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: max(deadline - .now(), .milliseconds(1))), decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.proxy = proxy?.configuration
        // A second connection would ask for a second signature, or send a token again.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.address = address
        self.deadline = deadline
    }

    /// Sends one request and collects its answer. `sent` is set as soon as any of it may have left this machine. Throws what
    /// the transport fails with, in words; a refusal is an answer. `before` is a deadline in place of the connection's own.
    func send(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        sent: SentMark = SentMark(), before: NIODeadline? = nil
    ) async throws(EnrollmentError) -> ControllerAnswer {
        var request = HTTPClientRequest(url: address.clientAPI + path)
        request.method = method
        request.headers = HTTPHeaders(headers + [("Accept", "application/json")])
        if let body {
            // An empty body is never asked for, so it counts as sent from the start.
            if body.isEmpty { sent.set() }
            // The body is asked for once the connection stands and the head is on its way, and not before.
            request.body = .bytes(MarkedBody(bytes: body, mark: sent))
        }
        let end = before ?? deadline
        do {
            return try await ExchangeDeadline.run(before: end) { [client, request] in
                let response = try await client.execute(request, deadline: end)
                sent.set()
                let contents: ByteBuffer
                do {
                    contents = try await response.body.collect(upTo: Self.maximumLength)
                } catch is NIOTooManyBytesError {
                    throw TransportFailure.tooLong(Self.maximumLength)
                }
                var answer = ControllerAnswer(
                    status: Int(response.status.code),
                    contentType: response.headers.first(name: "Content-Type") ?? "",
                    body: Array(contents.readableBytesView))
                answer.date = response.headers.first(name: "Date").flatMap(HTTPDate.parse)
                return answer
            }
        } catch {
            throw TransportFailure.describe(error, address: address)
        }
    }

    /// Closes the connection. A failure of that concerns nobody any more.
    func close() async { try? await client.shutdown() }
}
