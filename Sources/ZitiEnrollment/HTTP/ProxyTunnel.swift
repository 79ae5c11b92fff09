import NIOCore

/// Asks a proxy for a connection to a controller, and makes way for TLS once it stands.
///
/// Where it does not come to stand, `failed` is told why and the channel is closed.
final class ProxyTunnel: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The longest answer that is read, in bytes.
    private static let maximumLength = 16_384

    private let request: String
    private let established: @Sendable (any Channel) throws -> Void
    private let failed: @Sendable (any Error) -> Void
    private var answer: [UInt8] = []
    private var isDone = false

    init(
        _ proxy: HTTPProxy, to address: ControllerAddress,
        then established: @escaping @Sendable (any Channel) throws -> Void,
        failed: @escaping @Sendable (any Error) -> Void
    ) {
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        let target = "\(host):\(address.port)"
        request =
            "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n"
            + (proxy.credentials.map { "Proxy-Authorization: Basic \($0)\r\n" } ?? "") + "\r\n"
        self.established = established
        self.failed = failed
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        answer += unwrapInboundIn(data).readableBytesView
        guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else {
            if answer.count > Self.maximumLength { fail(context, "its answer to CONNECT is too long") }
            return
        }
        let line = String(decoding: answer.prefix { $0 != 0x0D }, as: UTF8.self)
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else {
            return fail(context, "its answer to CONNECT is no HTTP")
        }
        guard (200..<300).contains(status) else {
            let reason = status == 407 ? "it asks for a user name and password" : "it answers \(status)"
            return fail(context, reason)
        }
        // A controller does not speak before it is spoken to.
        guard end.upperBound == answer.count else { return fail(context, "it sends what nobody asked for") }
        isDone = true
        let channel = context.channel
        do {
            try established(channel)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            failed(error)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failed(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isDone { failed(HTTPProxy.refused("it closes the connection", ChannelError.eof)) }
        context.fireChannelInactive()
    }

    private func fail(_ context: ChannelHandlerContext, _ reason: String) {
        isDone = true
        failed(HTTPProxy.refused(reason, ChannelError.inputClosed))
        context.close(promise: nil)
    }
}
