import NIOCore
import NIOSSL
import NIOTLS

/// Keeps a promise when the TLS handshake is complete, and breaks it when the connection ends before.
final class HandshakeWatcher: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// What a handshake led to. The version is read at once, because a connection that ends afterwards forgets it.
    struct Completed {
        let channel: any Channel
        let tlsVersion: TLSVersion?
    }

    private let promise: EventLoopPromise<Completed>

    init(_ promise: EventLoopPromise<Completed>) { self.promise = promise }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
            let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
            promise.succeed(Completed(channel: context.channel, tlsVersion: handler?.tlsVersion))
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
