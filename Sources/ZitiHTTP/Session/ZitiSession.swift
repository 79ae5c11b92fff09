import AsyncHTTPClient
import NIOHTTP1
public import ZitiEnrollment

/// An API session of an identity: requests to the client API of its network's controllers, each with the session's token.
///
/// How it logs in is the controller's choice: by OIDC where it can, else for a token of its own. A session that ended is
/// begun anew, once for each request. A controller that fails is replaced by the next one of the network, if the request may
/// be made twice. Tokens are never shown. To be logged out, or closed, after use.
public actor ZitiSession {
    /// How requests prove themselves.
    public enum Kind: String, Sendable, CustomStringConvertible {
        /// With a token of the controller's own, `zt-session`.
        case legacy
        /// With a token of the controller's OIDC provider, `Authorization: Bearer`.
        case oidc

        /// "legacy" or "oidc".
        public var description: String { rawValue }
    }

    /// What is told to controllers of this program.
    private let info: ClientInfo
    private let client: HTTPClient
    private let exchange: ControllerExchange
    private let first: ControllerAddress
    private let now: @Sendable () -> ContinuousClock.Instant
    private var known: [ControllerAddress]
    private var login: APILogin?
    /// How many logins there were, which tells them apart.
    private var number = 0
    private var replacement: Replacement?
    private var isClosed = false
    /// Whether it is being ended, and no more logins are begun.
    private var isEnding = false

    /// The controllers that were passed over for the one that the session is logged in at, and why.
    public private(set) var passedOver: [ControllerAttempt] = []

    init(
        _ identity: ZitiIdentity, info: ClientInfo,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        var configuration = identity.makeHTTPConfiguration()
        configuration.httpVersion = .http1Only
        configuration.decompression = .disabled
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        exchange = ControllerExchange(client: client, timeoutSeconds: identity.timeoutSeconds)
        first = identity.file.controller
        known = identity.file.controllers
        self.info = info
        self.now = now
    }

    deinit {
        // Somebody forgot it. The client must not go away while it has connections.
        if !isClosed { _ = client.shutdown() }
    }

    /// Where the session is logged in, or was last.
    public var controller: ControllerAddress { login?.controller ?? first }
    /// How it is logged in.
    public var kind: Kind { login?.kind ?? .legacy }
    /// The controllers that are tried, in this order: those of the identity file, and those that the network lists.
    public var controllers: [ControllerAddress] { known }

    /// Logs in for the first time, and asks for the network's other controllers. Closes the client if that fails.
    func begin() async throws(EnrollmentError) {
        do throws(EnrollmentError) {
            let login = try await replace(nil, after: [], renews: false)
            let others = await ControllerList.ask(login, over: exchange)
            known = first.followed(by: known.dropFirst() + others)
        } catch {
            // Who gave up does not wait for connections to end either.
            if Task.isCancelled { Task { await close() } } else { await close() }
            throw error
        }
    }

    /// Sends a request with the session's token, and gives back what the controller answers, refusals too.
    ///
    /// After a 401 the session is begun anew and the request sent once more; what comes then is the answer. A request that
    /// is not idempotent is sent to another controller only if it certainly did not reach the first one. Throws what the
    /// transport fails with, `inputInvalid` for a path that is none, and what logging in fails with.
    public func send(_ request: ZitiRequest) async throws(EnrollmentError) -> ZitiResponse {
        guard request.hasUsablePath else {
            throw EnrollmentError(.inputInvalid, "the path of a request must begin with one slash, and be encoded")
        }
        var failed: [ControllerAttempt] = []
        var isRenewed = false
        var current = try await currentLogin()
        while true {
            let outcome: Outcome
            do throws(EnrollmentError) {
                outcome = try await deliver(request, current)
            } catch {
                guard error.mayPassElsewhere, !failed.isEmpty else { throw error }
                throw .noneServed(failed + [ControllerAttempt(controller: current.controller, error: error)])
            }
            switch outcome {
            case .answered(let answer):
                guard answer.status == 401, !isRenewed else { return ZitiResponse(answer, from: current.controller) }
                current = try await replace(current, after: failed, renews: false)
            case .failed(let error, let answer):
                failed.append(ControllerAttempt(controller: current.controller, error: error))
                guard failed.count < known.count else {
                    if let answer { return ZitiResponse(answer, from: current.controller) }
                    throw .noneServed(failed)
                }
                current = try await replace(current, after: failed, renews: false)
            }
            isRenewed = true
        }
    }

    /// What came of sending a request to one controller.
    private enum Outcome {
        case answered(ControllerExchange.Answer)
        /// The controller cannot serve, and the request may be sent to another one.
        case failed(EnrollmentError, ControllerExchange.Answer?)
    }

    /// Ends the session at the controller and closes the connections. A session that has ended already is no error. The
    /// connections are closed also if this throws. A login that is being made is waited for, and ended.
    public func logout() async throws(EnrollmentError) {
        guard !isClosed else { return }
        isEnding = true
        _ = await replacement?.work.value()
        guard !isClosed, let login else { return await close() }
        let answer: ControllerExchange.Answer
        do throws(EnrollmentError) {
            answer = try await end(login)
        } catch {
            await close()
            throw error
        }
        await close()
        guard answer.status < 400 || answer.status == 401 else { throw answer.asControllerAnswer.refused() }
    }

    private func end(_ login: APILogin) async throws(EnrollmentError) -> ControllerExchange.Answer {
        try await exchange.send(
            .DELETE, ControllerAddress.clientAPIPath + "/current-api-session", to: login.controller,
            headers: login.headers)
    }

    /// Closes the connections. The session is left to end by itself, but a login that is being made is waited for, and ended.
    public func close() async {
        guard !isClosed else { return }
        isClosed = true
        login = nil
        _ = await replacement?.work.value()
        try? await client.shutdown()
    }

    private func deliver(_ request: ZitiRequest, _ login: APILogin) async throws(EnrollmentError) -> Outcome {
        var headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        if request.body != nil, !headers.contains(name: "Content-Type") {
            headers.add(name: "Content-Type", value: "application/json")
        }
        headers.replaceOrAdd(name: login.header.name, value: login.header.value)
        let sent = SentMark()
        do throws(EnrollmentError) {
            let answer = try await exchange.send(
                HTTPMethod(rawValue: request.method.rawValue), ControllerAddress.clientAPIPath + request.path,
                to: login.controller, headers: headers, body: request.body, sent: sent)
            guard answer.status >= 500 || answer.status == 429 else { return .answered(answer) }
            let error = answer.asControllerAnswer.refused()
            // Without a leader nothing is done, nor above a limit of requests.
            let wasNotDone = error.refusal?.code == "CLUSTER_NO_LEADER" || answer.status == 429
            return request.method.isIdempotent || wasNotDone ? .failed(error, answer) : .answered(answer)
        } catch {
            let wasNotSent = request.body != nil && !sent.isSet
            guard error.mayPassElsewhere, !Task.isCancelled, request.method.isIdempotent || wasNotSent else {
                throw error
            }
            return .failed(error, nil)
        }
    }

    // MARK: Logging in

    private func currentLogin() async throws(EnrollmentError) -> APILogin {
        guard let login, login.renewAt.map({ now() < $0 }) ?? true, replacement == nil else {
            return try await replace(login, after: [], renews: true)
        }
        return login
    }

    /// Another login than the given one. Several who need one at once get the same. `failed` are the controllers that are not
    /// to be tried again. `renews` allows for a refresh token; a login that was refused is made anew.
    private func replace(
        _ used: APILogin?, after failed: [ControllerAttempt], renews: Bool
    ) async throws(EnrollmentError) -> APILogin {
        func serves(_ login: APILogin) -> Bool {
            login.number != used?.number && !failed.contains { $0.controller == login.controller }
        }
        while true {
            guard !isClosed, !isEnding else { throw Self.closed }
            guard !Task.isCancelled else { throw Self.givenUp }
            if let replacement {
                guard let result = await replacement.work.value() else { throw Self.givenUp }
                switch result {
                case .success(let login):
                    if serves(login) { return login }
                case .failure(let error):
                    // It failed for those who began it: they went away, or had tried more controllers than are tried here.
                    let wasNarrower = replacement.excluded.contains { used in
                        !failed.contains { $0.controller == used }
                    }
                    guard replacement.work.isAbandoned || (wasNarrower && error.mayPassElsewhere) else { throw error }
                }
                continue
            }
            if let login, serves(login) { return login }
            let work = SharedWork { await self.makeLogin(after: failed, renews: renews) }
            replacement = Replacement(work: work, excluded: failed.map(\.controller))
            guard let result = await work.value() else { throw Self.givenUp }
            return try result.get()
        }
    }

    /// A login that is being made.
    private struct Replacement {
        let work: SharedWork<Result<APILogin, EnrollmentError>>
        /// The controllers that it is not made at.
        let excluded: [ControllerAddress]
    }

    private static let closed = EnrollmentError(.cancelled, "the session was closed")
    private static let givenUp = EnrollmentError(.cancelled, "the login was given up")

    private func makeLogin(
        after failed: [ControllerAttempt], renews: Bool
    ) async -> Result<APILogin, EnrollmentError> {
        defer { replacement = nil }
        do throws(EnrollmentError) {
            var made = try await freshLogin(after: failed, renews: renews)
            guard !isClosed else {
                _ = try? await end(made)
                throw Self.closed
            }
            number += 1
            made.number = number
            // A tenth of its life before its end, so that it does not end on the way.
            made.renewAt = made.lifeSeconds.map { now() + .seconds(Double($0) * 0.9) }
            login = made
            return .success(made)
        } catch {
            return .failure(error)
        }
    }

    private func freshLogin(
        after before: [ControllerAttempt], renews: Bool
    ) async throws(EnrollmentError) -> APILogin {
        if renews, let login, let refresh = login.refresh {
            let renewal = OIDCLogin(exchange: exchange, controller: login.controller, client: info)
            do throws(EnrollmentError) {
                return try await renewal.renew(refresh)
            } catch {
                // Refresh tokens end too. The certificate is still there.
                guard error.code == .refusedByController || error.mayPassElsewhere else { throw error }
            }
        }
        var failed = before
        for controller in known where !before.contains(where: { $0.controller == controller }) {
            do throws(EnrollmentError) {
                let made = try await logIn(at: controller)
                passedOver = failed
                return made
            } catch {
                guard error.mayPassElsewhere, !Task.isCancelled, !isClosed else { throw error }
                failed.append(ControllerAttempt(controller: controller, error: error))
            }
        }
        throw .noneServed(failed)
    }

    private func logIn(at controller: ControllerAddress) async throws(EnrollmentError) -> APILogin {
        let version = try await ControllerVersion.ask(controller, over: exchange)
        guard version.hasOIDC else {
            return try await LegacyLogin(exchange: exchange, controller: controller, client: info).logIn()
        }
        let endpoints = try await OIDCEndpoints.discover(
            provider: version.providerPath, at: controller, over: exchange)
        return try await OIDCLogin(exchange: exchange, controller: controller, client: info).logIn(endpoints)
    }
}
