import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// An HTTP client that shows the bytes as they came: one connection, one request.
struct RawClient {
    var port: Int
    var certificates: [NIOSSLCertificate] = []
    var key: NIOSSLPrivateKey?
    var tls: TLSVersion?

    /// What came back, up to the declared length or the end of the connection.
    struct Answer {
        var statusLine = ""
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
        /// The certificates the server presented, leaf first, in DER.
        var serverChain: [[UInt8]] = []

        var status: Int? { statusLine.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
        var text: String { String(decoding: body, as: UTF8.self) }

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        /// The error envelope's `error`.
        var error: [String: Any]? {
            let envelope = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            return envelope?["error"] as? [String: Any]
        }

        var data: [String: Any]? {
            let envelope = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            return envelope?["data"] as? [String: Any]
        }
    }

    /// Sends a request with a body, `Host` and `Content-Length` added.
    func send(_ line: String, _ headers: [(String, String)] = [], body: String = "") async throws -> Answer {
        var text = "\(line) HTTP/1.1\r\nHost: localhost:\(port)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return try await send(bytes: Array((text + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8))
    }

    /// Sends bytes as they are.
    func send(bytes: [UInt8]) async throws -> Answer {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateChain = certificates.map { .certificate($0) }
        configuration.privateKey = key.map { .privateKey($0) }
        // Nothing of the server is judged here; that is for the tests.
        configuration.certificateVerification = .noHostnameVerification
        configuration.minimumTLSVersion = tls ?? .tlsv12
        configuration.maximumTLSVersion = tls ?? .tlsv13
        // A key says nothing of the schemes it signs with, and BoringSSL's list leaves these two out.
        configuration.signingSignatureAlgorithms = [
            .ecdsaSecp256R1Sha256, .ecdsaSecp384R1Sha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha256, .ed25519,
        ]
        configuration.verifySignatureAlgorithms = [
            .ecdsaSecp256R1Sha256, .ecdsaSecp384R1Sha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha256, .rsaPkcs1Sha256,
        ]
        let context = try NIOSSLContext(configuration: configuration)
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: Answer.self)
        let chain = NIOLoopBoundBox.makeBoxSendingValue([[UInt8]](), eventLoop: loop)
        // The promise is completed by the handler in every case once there is a channel.
        do {
            let channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let tls = try NIOSSLClientHandler(
                            context: context, serverHostname: "localhost",
                            customVerificationCallback: { certificates, result in
                                chain.value = certificates.compactMap { try? $0.toDERBytes() }
                                result.succeed(.certificateVerified)
                            })
                        try channel.pipeline.syncOperations.addHandlers([tls, Collector(promise, chain)])
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        } catch {
            promise.fail(error)
        }
        return try await promise.futureResult.get()
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let promise: EventLoopPromise<Answer>
        private let chain: NIOLoopBoundBox<[[UInt8]]>
        private var bytes: [UInt8] = []
        private var isDone = false

        init(_ promise: EventLoopPromise<Answer>, _ chain: NIOLoopBoundBox<[[UInt8]]>) {
            self.promise = promise
            self.chain = chain
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes.append(contentsOf: unwrapInboundIn(data).readableBytesView)
            let answer = parsed()
            let length = answer.header("Content-Length").flatMap { Int($0) }
            let isComplete =
                answer.header("Transfer-Encoding") == "chunked"
                ? answer.body.suffix(7) == Array("\r\n0\r\n\r\n".utf8) : length.map { answer.body.count >= $0 } ?? false
            if isComplete {
                finish(.success(answer))
                context.close(promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            finish(.success(parsed()))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // A connection that the server just drops ends without a TLS farewell; that is an answer cut short.
            if case NIOSSLError.uncleanShutdown? = error as? NIOSSLError {
                finish(.success(parsed()))
            } else {
                finish(.failure(error))
            }
            context.close(promise: nil)
        }

        private func finish(_ result: Result<Answer, any Error>) {
            guard !isDone else { return }
            isDone = true
            promise.completeWith(result)
        }

        private func parsed() -> Answer {
            var answer = Answer()
            answer.serverChain = chain.value
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return answer }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
            answer.statusLine = lines.first.map(String.init) ?? ""
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                answer.headers.append((String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces)))
            }
            answer.body = Array(bytes[end.upperBound...])
            return answer
        }
    }
}
