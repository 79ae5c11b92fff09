import NIOCore
import NIOHTTP1

/// Collects one HTTP answer up to a length, and breaks its promise if the answer is longer or ends early.
final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<ControllerAnswer>
    private let maximumLength: Int
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    init(_ promise: EventLoopPromise<ControllerAnswer>, maximumLength: Int) {
        self.promise = promise
        self.maximumLength = maximumLength
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
        case .body(let part):
            guard body.count + part.readableBytes <= maximumLength else {
                promise.fail(TransportFailure.tooLong(maximumLength))
                context.close(promise: nil)
                return
            }
            body += part.readableBytesView
        case .end:
            guard let head else { return }
            var answer = ControllerAnswer(
                status: Int(head.status.code), contentType: head.headers.first(name: "Content-Type") ?? "", body: body)
            answer.date = head.headers.first(name: "Date").flatMap(HTTPDate.parse)
            promise.succeed(answer)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
