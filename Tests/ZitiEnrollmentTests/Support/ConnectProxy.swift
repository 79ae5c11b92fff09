import NIOCore
import NIOPosix
import Synchronization

/// A stand-in for an HTTP proxy on loopback. Connects where CONNECT says, or answers with a refusal; no other request, no
/// caching and no authentication scheme beyond seeing what it was sent.
final class ConnectProxy: Sendable {
    /// How it answers CONNECT.
    enum Answer: Sendable {
        case connect
        case refuse(String)
        case close
    }

    private let channel: any Channel
    private let heads: Mutex<[String]>

    var port: Int { channel.localAddress?.port ?? 0 }
    /// The requests as they came, with their headers.
    var requests: [String] { heads.withLock { $0 } }

    private init(_ channel: any Channel, _ record: Record) {
        self.channel = channel
        heads = Mutex([])
        record.receiver.withLock { $0 = self }
    }

    /// Where handlers find the proxy that they belong to.
    private final class Record: Sendable {
        let receiver = Mutex<ConnectProxy?>(nil)
        func add(_ head: String) { receiver.withLock { $0 }?.heads.withLock { $0.append(head) } }
    }

    static func start(_ answer: Answer = .connect, host: String = "127.0.0.1") async throws -> ConnectProxy {
        let record = Record()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Head(answer) { record.add($0) })
                }
            }
            .bind(host: host, port: 0).get()
        return ConnectProxy(channel, record)
    }

    func close() async throws { try await channel.close() }

    /// Reads the head of a request, and becomes one end of a pair that is glued together.
    private final class Head: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: Answer
        private let record: @Sendable (String) -> Void
        private var bytes: [UInt8] = []
        private var peer: (any Channel)?
        private var waiting: [ByteBuffer] = []
        private var isConnecting = false

        init(_ answer: Answer, _ record: @escaping @Sendable (String) -> Void) {
            self.answer = answer
            self.record = record
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            if let peer { return peer.writeAndFlush(buffer, promise: nil) }
            if isConnecting { return waiting.append(buffer) }
            bytes += buffer.readableBytesView
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.hasSuffix("\r\n\r\n") else { return }
            record(text)
            switch answer {
            case .close: context.close(promise: nil)
            case .refuse(let head): reply(context, head)
            case .connect: connect(context, text.split(separator: " ").dropFirst().first.map(String.init) ?? "")
            }
        }

        private func connect(_ context: ChannelHandlerContext, _ target: String) {
            guard let colon = target.lastIndex(of: ":"), let port = Int(target[target.index(after: colon)...]) else {
                return reply(context, "HTTP/1.1 400 Bad Request")
            }
            isConnecting = true
            let host = String(target[..<colon].filter { $0 != "[" && $0 != "]" })
            let own = context.channel
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            ClientBootstrap(group: context.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Glue(own))
                    }
                }
                .connect(host: host, port: port).hop(to: context.eventLoop)
                .whenComplete { result in
                    let (handler, context) = bound.value
                    switch result {
                    case .success(let peer):
                        handler.peer = peer
                        handler.reply(context, "HTTP/1.1 200 Connection established")
                        for buffer in handler.waiting { peer.writeAndFlush(buffer, promise: nil) }
                    case .failure: handler.reply(context, "HTTP/1.1 502 Bad Gateway")
                    }
                }
        }

        private func reply(_ context: ChannelHandlerContext, _ head: String) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head + "\r\n\r\n")), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            peer?.close(promise: nil)
            context.fireChannelInactive()
        }
    }

    /// The other end.
    private final class Glue: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let other: any Channel

        init(_ other: any Channel) { self.other = other }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
    }
}
