import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization
import X509

/// A TLS server on loopback that requires a client certificate, and accepts signatures with the algorithms given, or with
/// BoringSSL's own list. Its certificate signs itself.
final class LoopbackServer: Sendable {
    let channel: any Channel
    let certificate: [UInt8]
    /// The certificate that it had before, of the same name and key, which has expired.
    let previous: [UInt8]

    var port: Int { channel.localAddress?.port ?? 0 }

    init(_ version: TLSVersion, verifies algorithms: [SignatureAlgorithm]?, client: [UInt8]) async throws {
        let (der, previous, key) = try SelfSigned.server()
        certificate = der
        self.previous = previous
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: der, format: .der))], privateKey: key)
        configuration.minimumTLSVersion = version
        configuration.maximumTLSVersion = version
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([try NIOSSLCertificate(bytes: client, format: .der)])
        configuration.verifySignatureAlgorithms = algorithms
        let context = try NIOSSLContext(configuration: configuration)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.addHandler(Greeter())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func close() async throws { try await channel.close() }
}

/// Greets whoever completes a handshake, so that a client of TLS 1.3 learns that its certificate was accepted.
private final class Greeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
            context.writeAndFlush(NIOAny(ByteBuffer(string: "hello")), promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
