import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import ZitiEnrollment

/// One request to a controller and its bounded answer, over the identity's own client.
struct ControllerExchange: Sendable {
    /// The longest answer that is read, in bytes.
    static let maximumLength = 1 << 20

    let client: HTTPClient
    let timeoutSeconds: Int

    /// What a controller answered.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: [UInt8]

        /// The answer as enrollment reads it.
        var asControllerAnswer: ControllerAnswer {
            ControllerAnswer(status: status, contentType: headers.first(name: "Content-Type") ?? "", body: body)
        }
    }

    /// Sends one request to a path of the controller's. The whole answer has to be here within the time limit. `sent` is set
    /// as soon as a body may have left this machine. Throws what the transport fails with, in words; a refusal is an answer.
    func send(
        _ method: HTTPMethod, _ path: String, to controller: ControllerAddress, headers: HTTPHeaders = [:],
        body: [UInt8]? = nil, sent: SentMark = SentMark()
    ) async throws(EnrollmentError) -> Answer {
        var request = HTTPClientRequest(url: controller.text + path)
        request.method = method
        request.headers = headers
        if !headers.contains(name: "Accept") { request.headers.add(name: "Accept", value: "application/json") }
        if let body {
            // An empty body is never asked for, so it counts as sent from the start.
            if body.isEmpty { sent.set() }
            // Asked for once the connection stands and the head is on its way, and not before.
            request.body = .bytes(MarkedBody(bytes: body, mark: sent))
        }
        let end = NIODeadline.now() + .seconds(Int64(timeoutSeconds))
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
                return Answer(
                    status: Int(response.status.code), headers: response.headers,
                    body: Array(contents.readableBytesView))
            }
        } catch {
            throw TransportFailure.describe(error, address: controller)
        }
    }
}
