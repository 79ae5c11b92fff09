internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// One connection: collects a request, applies a scripted fault if one waits for it, and sends the answer.
///
/// Used on the connection's event loop only.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// The real controller's limit of a request body, in bytes.
    static let maximumBody = 1_048_576
    /// A limit of ours for the request target, in bytes.
    static let maximumTarget = 8192

    private let api: ClientAPI
    private let log: RequestLog
    private let version: String
    private let instanceID: String
    private let chains: PresentedChains
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isRefused = false
    private var isDraining = false
    private var drained = 0
    /// A fault keeps the connection open and says nothing on it.
    private var isHanging = false

    init(api: ClientAPI, log: RequestLog, version: String, instanceID: String, chains: PresentedChains) {
        self.api = api
        self.log = log
        self.version = version
        self.instanceID = instanceID
        self.chains = chains
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return drain(context, unwrapInboundIn(data)) }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            if head.uri.utf8.count > ConnectionHandler.maximumTarget {
                refuse(context, status: 431)
            }
        case .body(let part):
            guard let head else { return }
            guard body.count + part.readableBytes <= ConnectionHandler.maximumBody else {
                isRefused = true
                let request = request(head, context)
                isDraining = true
                record(request, head, status: 413, context)
                send(.refusal(.bodyTooLarge), context, keepAlive: false, closesNow: false)
                return
            }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            guard let head else { return }
            self.head = nil
            process(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let parserError = error as? HTTPParserError, !isRefused else {
            context.close(promise: nil)
            return
        }
        refuse(context, status: parserError == .headerOverflow ? 431 : 400)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            if !isHanging { context.close(promise: nil) }
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Reads on after a body was refused: closing with unread bytes would reset the connection, answer and all.
    private func drain(_ context: ChannelHandlerContext, _ part: HTTPServerRequestPart) {
        guard isDraining else { return }
        switch part {
        case .head: break
        case .body(let part):
            drained += part.readableBytes
            if drained > 16 * ConnectionHandler.maximumBody { context.close(promise: nil) }
        case .end: context.close(promise: nil)
        }
    }

    private func process(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let request = request(head, context)
        let scripted = log.takeFault(path: request.path)
        defer { scripted?.then() }
        let fault = scripted?.effect
        var variation: IssueVariation?
        switch fault {
        case .closeBeforeProcessing:
            record(request, head, status: nil, context)
            context.close(promise: nil)
            return
        case .answer(let status, let headers, let body):
            record(request, head, status: status, context)
            let answer = Answer(status: status, headers: headers, body: body, lengthIsSorted: false)
            send(answer, context, keepAlive: head.isKeepAlive)
            return
        case .refuse(let overload):
            let answer = api.refusal(overload.refusal)
            record(request, head, status: answer.status, context)
            send(answer, context, keepAlive: head.isKeepAlive)
            return
        case .hang:
            record(request, head, status: nil, context)
            isHanging = true
            return
        case .redirect(let location):
            record(request, head, status: 302, context)
            let answer = Answer(status: 302, headers: [("Location", location)], body: "", lengthIsSorted: false)
            send(answer, context, keepAlive: head.isKeepAlive)
            return
        case .streamBody(let bytes, let declaresLength):
            record(request, head, status: 200, context)
            BodyStream(context).send(bytes: bytes, declaresLength: declaresLength)
            return
        case .serveForeignBundle:
            let foreign = try? Authority(keyType: .p256, hostNames: [], addresses: [], now: api.now())
            let answer = foreign.flatMap { try? ClientAPI.bundle($0) } ?? .refusal(.internalFailure)
            record(request, head, status: answer.status, context)
            send(answer, context, keepAlive: head.isKeepAlive)
            return
        case .issueForAnotherKey: variation = .anotherKey
        case .issueExpired: variation = .expired
        case .truncateBody, .closeAfterProcessing, .hangAfterProcessing, .hangInBody, .delay, nil: break
        }
        let answer = api.answer(request, issuing: variation)
        if case .closeAfterProcessing = fault {
            record(request, head, status: nil, context)
            context.close(promise: nil)
            return
        }
        if case .hangAfterProcessing = fault {
            record(request, head, status: nil, context)
            isHanging = true
            return
        }
        record(request, head, status: answer.status, context)
        if case .hangInBody(let drips) = fault {
            isHanging = true
            BodyStream(context).begin(status: answer.status, drips: drips)
            return
        }
        if case .delay(let milliseconds) = fault {
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(Int64(milliseconds))) {
                let (handler, context) = bound.value
                handler.send(answer, context, keepAlive: head.isKeepAlive)
            }
            return
        }
        var limit: Int?
        if case .truncateBody(let bytes) = fault { limit = bytes }
        send(answer, context, keepAlive: head.isKeepAlive, bodyLimit: limit)
    }

    private func request(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> Request {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var headers: [String: String] = [:]
        for (name, value) in head.headers where headers[name.lowercased()] == nil { headers[name.lowercased()] = value }
        return Request(
            method: head.method.rawValue, path: Route.rewritten(String(parts[0])),
            rawQuery: parts.count == 2 ? String(parts[1]) : "", headers: headers, body: body,
            clientCertificate: ClientCertificate(chain: chain(context)),
            remoteAddress: context.remoteAddress?.ipAddress ?? "")
    }

    private func chain(_ context: ChannelHandlerContext) -> [[UInt8]] {
        let tls = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        guard let leaf = try? tls?.peerCertificate?.toDERBytes() else { return [] }
        return chains.chain(leaf: leaf)
    }

    private func record(_ request: Request, _ head: HTTPRequestHead, status: Int?, _ context: ChannelHandlerContext) {
        let tls = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        log.append(
            SeenRequest(
                method: request.method, path: String(head.uri.prefix { $0 != "?" }), query: request.maskedQuery,
                tlsVersion: tls?.tlsVersion == .tlsv13 ? "1.3" : "1.2",
                presentedCertificates: request.clientCertificate.chain.count,
                leafFingerprint: request.clientCertificate.fingerprint,
                leafPublicKeyDER: request.clientCertificate.publicKeyDER, status: status))
    }

    private func send(
        _ answer: Answer, _ context: ChannelHandlerContext, keepAlive: Bool, bodyLimit: Int? = nil,
        closesNow: Bool = true
    ) {
        let date = CalendarTime(api.now()).httpDate
        var headers = HTTPHeaders(
            answer.allHeaders(version: version, instanceID: instanceID, date: date, isWhole: bodyLimit == nil)
                .map { ($0.name, $0.value) })
        let closes = !keepAlive || bodyLimit != nil
        if closes, bodyLimit == nil { headers.add(name: "Connection", value: "close") }
        let reason = Answer.reasonPhrase(answer.status)
        write(
            HTTPResponseHead(
                version: .http1_1, status: .custom(code: UInt(answer.status), reasonPhrase: reason), headers: headers),
            answer.body.utf8.prefix(bodyLimit ?? .max), context, closes: closes && closesNow)
    }

    /// What Go's server answers, in plain text, to a request that never reaches the controller; the connection closes.
    private func refuse(_ context: ChannelHandlerContext, status: Int) {
        isRefused = true
        let text = "\(status) \(Answer.reasonPhrase(status))"
        let headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8", "Connection": "close", "Content-Length": "\(text.utf8.count)",
        ]
        let status = HTTPResponseStatus.custom(code: UInt(status), reasonPhrase: Answer.reasonPhrase(status))
        write(
            HTTPResponseHead(version: .http1_1, status: status, headers: headers), text.utf8.prefix(.max), context,
            closes: true)
    }

    private func write(
        _ head: HTTPResponseHead, _ body: Substring.UTF8View, _ context: ChannelHandlerContext, closes: Bool
    ) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        let promise = closes ? context.eventLoop.makePromise(of: Void.self) : nil
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        promise?.futureResult.whenComplete { _ in loopBound.value.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }
}
