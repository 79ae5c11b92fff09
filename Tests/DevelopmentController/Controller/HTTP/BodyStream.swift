internal import NIOCore
internal import NIOHTTP1

/// A body of any size, sent piece by piece, each when the one before it is on its way; so memory stays small.
struct BodyStream {
    private static let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 65_536)

    private let context: ChannelHandlerContext

    init(_ context: ChannelHandlerContext) {
        self.context = context
    }

    /// Sends an answer of 200 with so many bytes; the connection closes when all are sent or the client is gone.
    func send(bytes: Int, declaresLength: Bool) {
        var headers: HTTPHeaders = ["Content-Type": "application/json", "Connection": "close"]
        if declaresLength {
            headers.add(name: "Content-Length", value: String(bytes))
        } else {
            headers.add(name: "Transfer-Encoding", value: "chunked")
        }
        write(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)), promise: nil)
        sendRest(bytes)
    }

    /// Sends the head of an answer whose body never ends: nothing of it comes, or a space ten times a second.
    func begin(status: Int, drips: Bool) {
        let headers: HTTPHeaders = ["Content-Type": "application/json", "Transfer-Encoding": "chunked"]
        let status = HTTPResponseStatus(statusCode: status)
        write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)), promise: nil)
        context.flush()
        guard drips else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(100)) { task in
            guard bound.value.context.channel.isActive else { return task.cancel() }
            bound.value.write(.body(.byteBuffer(ByteBuffer(string: " "))), promise: nil)
            bound.value.context.flush()
        }
    }

    private func sendRest(_ rest: Int) {
        let promise = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { result in
            guard case .success = result, rest > 0 else { return bound.value.context.close(promise: nil) }
            bound.value.sendRest(rest - min(rest, BodyStream.piece.readableBytes))
        }
        if rest > 0 {
            let piece = BodyStream.piece.getSlice(at: 0, length: min(rest, BodyStream.piece.readableBytes))
            write(.body(.byteBuffer(piece ?? ByteBuffer())), promise: promise)
        } else {
            write(.end(nil), promise: promise)
        }
        context.flush()
    }

    private func write(_ part: HTTPServerResponsePart, promise: EventLoopPromise<Void>?) {
        context.write(NIOAny(part), promise: promise)
    }
}
