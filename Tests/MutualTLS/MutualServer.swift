public import NIOCore
import NIOHTTP1
public import NIOPosix
public import NIOSSL
import X509

/// An HTTPS server on loopback that requires a client certificate of one authority, and answers every request with the TLS
/// version and the client's common name.
public final class MutualServer: Sendable {
    /// How an answer goes on after its head.
    public enum Body: Sendable {
        /// It is whole.
        case whole
        /// It is whole, and comes as soon as the head of the request is there.
        case early
        /// Nothing follows.
        case stalls
        /// A byte comes now and then, without end.
        case drips
    }

    /// Whom it trusts, and who certified it.
    public let authority: TestAuthority
    private let channel: any Channel

    private static let algorithms: [NIOSSL.SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .ecdsaSecp384R1Sha384, .ecdsaSecp521R1Sha512, .ed25519, .rsaPssRsaeSha256,
        .rsaPssRsaeSha384, .rsaPssRsaeSha512, .rsaPkcs1Sha256, .rsaPkcs1Sha384, .rsaPkcs1Sha512,
    ]

    /// Where it listens, with a slash at the end.
    public var url: String { "https://localhost:\(channel.localAddress?.port ?? 0)/" }

    /// Starts the server, for one version or for both, and returns when it listens.
    public init(
        _ version: TLSVersion? = nil, authority: TestAuthority? = nil, requiresCertificate: Bool = true,
        body: Body = .whole,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws {
        let authority = try authority ?? TestAuthority()
        self.authority = authority
        let (certificate, key) = try authority.server()
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
        configuration.minimumTLSVersion = version ?? .tlsv12
        configuration.maximumTLSVersion = version
        configuration.certificateVerification = requiresCertificate ? .noHostnameVerification : .none
        configuration.trustRoots = .certificates([try NIOSSLCertificate(bytes: authority.der, format: .der)])
        configuration.verifySignatureAlgorithms = Self.algorithms
        configuration.curves = [.x25519, .secp256r1, .secp384r1, .secp521r1]
        let context = try NIOSSLContext(configuration: configuration)
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = NIOSSLServerHandler(context: context)
                    try channel.pipeline.syncOperations.addHandler(tls)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answerer(tls, body))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// Stops listening.
    public func close() async throws { try await channel.close() }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let tls: NIOSSLServerHandler
        private let body: Body
        private var dripping: RepeatedTask?

        init(_ tls: NIOSSLServerHandler, _ body: Body) {
            self.tls = tls
            self.body = body
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch (unwrapInboundIn(data), body) {
            case (.end, .whole), (.head, .early): answer(context)
            case (.end, .stalls), (.end, .drips): begin(context)
            default: break
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            let version = tls.tlsVersion == .tlsv13 ? "TLSv1.3" : "TLSv1.2"
            let certificate = try? tls.peerCertificate.map { try Certificate(derEncoded: $0.toDERBytes()) }
            let body = ByteBuffer(string: "\(version) \(certificate?.subject.description ?? "nobody")")
            let head = HTTPResponseHead(
                version: .http1_1, status: .ok, headers: ["Content-Length": "\(body.readableBytes)"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }

        private func begin(_ context: ChannelHandlerContext) {
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Transfer-Encoding": "chunked"])
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            guard body == .drips else { return }
            let channel = context.channel
            dripping = context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(50)) { _ in
                channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "x"))), promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { dripping?.cancel() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
