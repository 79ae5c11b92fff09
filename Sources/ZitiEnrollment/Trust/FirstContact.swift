import struct FoundationEssentials.Date
import KeyStoreTLS
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SwiftASN1
import X509

/// The first connection to a controller, on which nothing but the enrollment JWT vouches for it.
///
/// The certificate is judged inside the handshake, and the authorities are fetched over the very same connection, so that
/// nobody can step in between. There are no redirects and no second attempts.
final class FirstContact: Sendable {
    /// The controller's certificate.
    let leaf: Certificate
    /// What it presented besides.
    let presented: [Certificate]
    /// Whether the JWT's `kid` names the certificate.
    let kidMatches: Bool
    /// "1.2" or "1.3".
    let tlsVersion: String

    private let outdated: EnrollmentError?
    private let channel: any Channel
    private let address: ControllerAddress
    private let deadline: NIODeadline

    private struct Presented {
        let leaf: Certificate
        let others: [Certificate]
        let verdict: LeafCheck.Verdict
    }

    private init(
        _ presented: Presented, tlsVersion: String, channel: any Channel, address: ControllerAddress,
        deadline: NIODeadline
    ) {
        leaf = presented.leaf
        self.presented = presented.others
        kidMatches = presented.verdict.kidMatches
        outdated = presented.verdict.outdated
        self.tlsVersion = tlsVersion
        self.channel = channel
        self.address = address
        self.deadline = deadline
    }

    /// Connects to the controller that the JWT names, through the proxy if there is one. Throws `controllerUnreachable`,
    /// `timedOut`, `cancelled`, and what `LeafCheck` throws. A controller whose certificate is out of date is asked for the
    /// time, so that a wrong clock is named.
    static func open(
        _ check: LeafCheck, proxy: HTTPProxy? = nil, deadline: NIODeadline
    ) async throws(EnrollmentError) -> FirstContact {
        let contact = try await connect(check, proxy, deadline: deadline)
        guard let outdated = contact.outdated else { return contact }
        let ahead = await contact.askTime()?.timeIntervalSince(check.now())
        throw ClockSkew.explain(outdated, controllerIsAhead: ahead)
    }

    private static func connect(
        _ check: LeafCheck, _ proxy: HTTPProxy?, deadline: NIODeadline
    ) async throws(EnrollmentError) -> FirstContact {
        let address = check.jwt.controller
        let judged = SharedValue<Result<Presented, EnrollmentError>?>(nil)
        var connecting: EventLoopFuture<any Channel>?
        do {
            let context = try NIOSSLContext(configuration: .makeKeyStoreClient(trustRoots: []))
            let group = MultiThreadedEventLoopGroup.singleton
            let secured = group.next().makePromise(of: HandshakeWatcher.Completed.self)
            let secure: @Sendable (any Channel) throws -> Void = { channel in
                let tls = try NIOSSLClientHandler(
                    context: context, serverHostname: address.isIPAddress ? nil : address.host,
                    customVerificationCallback: { chain, promise in
                        promise.completeWithTask {
                            await judge(chain, check, judged) ? .certificateVerified : .failed
                        }
                    })
                try channel.pipeline.syncOperations.addHandler(tls)
                try channel.pipeline.syncOperations.addHandler(HandshakeWatcher(secured))
            }
            let bootstrap = ClientBootstrap(group: group)
                .connectTimeout(max(deadline - .now(), .milliseconds(1)))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard let proxy else { return try secure(channel) }
                        let tunnel = ProxyTunnel(proxy, to: address, then: secure) { secured.fail($0) }
                        try channel.pipeline.syncOperations.addHandler(tunnel)
                    }
                }
            let connected = bootstrap.connect(
                host: proxy?.host ?? address.host, port: proxy?.port ?? address.port)
            connected.whenFailure { error in
                secured.fail(proxy.map { $0.unreachable(error) } ?? error)
            }
            connecting = connected
            let completed = try await secured.futureResult.value(before: deadline)
            guard case .success(let presented)? = judged.current else {
                throw EnrollmentError(.defect, "the handshake ended without the certificate being judged")
            }
            return FirstContact(
                presented, tlsVersion: completed.tlsVersion == .tlsv13 ? "1.3" : "1.2", channel: completed.channel,
                address: address,
                deadline: deadline)
        } catch {
            // Whether it stands already or only will: nobody waits for it any more.
            connecting?.whenSuccess { $0.close(promise: nil) }
            if case .failure(let reason)? = judged.current { throw reason }
            throw TransportFailure.describe(error, address: address)
        }
    }

    private static func judge(
        _ chain: [NIOSSLCertificate], _ check: LeafCheck,
        _ judged: SharedValue<Result<Presented, EnrollmentError>?>
    ) async -> Bool {
        let result: Result<Presented, EnrollmentError>
        do {
            let certificates = try chain.prefix(16).map { try Certificate(derEncoded: $0.toDERBytes()) }
            guard let leaf = certificates.first else { throw TransportFailure.noCertificate(check.jwt.controller) }
            let verdict = try await check.check(leaf: leaf)
            result = .success(Presented(leaf: leaf, others: Array(certificates.dropFirst()), verdict: verdict))
        } catch let error as EnrollmentError {
            result = .failure(error)
        } catch {
            result = .failure(
                EnrollmentError(
                    .certificateNotTrusted,
                    "the certificate that \(check.jwt.controller) presents cannot be read", underlying: error))
        }
        judged.update { $0 = result }
        if case .success = result { return true }
        return false
    }

    /// Fetches the authorities over this connection, and closes it; the time on the controller's clock comes along. Throws
    /// `caBundleInvalid` for what is no list of authorities, `answerInvalid` for what is no answer, and what the transport
    /// fails with.
    func fetchAuthorities() async throws(EnrollmentError) -> ([[UInt8]], Date?) {
        let answer = try await get("/.well-known/est/cacerts", accept: "application/pkcs7-mime")
        guard answer.status == 200 else { throw answer.refused() }
        return (try CertificateBundle.parse(answer.body), answer.date)
    }

    /// The time on the controller's clock; nil if it does not tell. Closes the connection.
    func askTime() async -> Date? { try? await get("/version", accept: "application/json").date }

    private func get(_ path: String, accept: String) async throws(EnrollmentError) -> ControllerAnswer {
        do {
            let promise = channel.eventLoop.makePromise(of: ControllerAnswer.self)
            let channel = channel
            let host = address.text.dropFirst("https://".utf8.count)
            channel.eventLoop.submit {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(
                    AnswerCollector(promise, maximumLength: CertificateBundle.maximumLength))
                var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: ControllerAddress.clientAPIPath + path)
                head.headers.add(name: "Host", value: String(host))
                head.headers.add(name: "Accept", value: accept)
                head.headers.add(name: "Connection", value: "close")
                channel.write(HTTPClientRequestPart.head(head), promise: nil)
                channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            }.whenFailure { promise.fail($0) }
            let answer = try await promise.futureResult.value(before: deadline)
            close()
            return answer
        } catch {
            close()
            throw TransportFailure.describe(error, address: address)
        }
    }

    /// Closes the connection.
    func close() { channel.close(promise: nil) }
}
