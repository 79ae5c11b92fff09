internal import FoundationEssentials

/// Authentication, and what has an API session for its condition.
extension ClientAPI {
    var generation: ControllerVersion { ControllerVersion(version) }

    func authenticate(_ request: Request) throws(Refusal) -> Answer {
        try checkContentType(request, allowed: ["application/json"])
        let methods = ["password", "cert", "ext-jwt"]
        guard let method = request.query("method") else { throw .queryRequired("method") }
        guard methods.contains(method) else { throw .queryNotListed("method", value: method, list: methods) }
        let body = try AuthenticationBody(request)
        let credential: Credential =
            switch method {
            case "cert": try certificateCredential(request)
            case "password": try passwordCredential(body)
            default: try externalCredential(request)
            }
        let token = Identifier.token()
        let session = try begin(
            credential, tokenDigest: Identifier.digest(ofToken: token), body, request, isOIDC: false)
        var headers = expiryHeaders(session) + [("Zt-Session", token)]
        if let wish = try extensionRequest(session) {
            headers.append(("Ziti-Authenticator-Extend-Requested", "true"))
            // The header that was meant for rolling the key has the same name, by mistake, in the real controller.
            if wish.rollsKey { headers.append(("Ziti-Authenticator-Extend-Requested", "true")) }
        }
        return .data(try sessionData(session, token: token), headers: headers)
    }

    /// Stores a new session.
    func begin(
        _ credential: Credential, tokenDigest: String, _ body: AuthenticationBody, _ request: Request, isOIDC: Bool
    ) throws(Refusal) -> APISession {
        let now = now()
        let session = APISession(
            id: Identifier.collisionResistant(now), identityID: credential.identity.id,
            identityName: credential.identity.name, authenticatorID: credential.authenticatorID,
            certificateFingerprint: credential.fingerprint, improperClientCertChain: credential.isImproper,
            isOIDC: isOIDC, ipAddress: request.remoteAddress, createdAt: now, lastActivityAt: now,
            tokenDigest: tokenDigest)
        if let fingerprint = credential.fingerprint {
            state.noteUse(fingerprint: fingerprint, isProper: !credential.isImproper, now: now)
        }
        try stored { try state.add(session, environment: body.envInfo, sdk: body.sdkInfo, now: now) }
        return session
    }

    /// Who the client's certificate says it is.
    func certificateCredential(_ request: Request) throws(Refusal) -> Credential {
        guard let fingerprint = request.clientCertificate.fingerprint else { throw .authenticationRefused }
        let chaining = request.clientCertificate.chaining(to: authority)
        let isTrusted = chaining == .none ? try isThirdParty(request) : true
        guard isTrusted, let authenticator = state.authenticator(fingerprint: fingerprint),
            let identity = try stored({ try state.identity(authenticator.identityID) })
        else { throw .authenticationRefused }
        return Credential(
            identity: identity, authenticatorID: authenticator.id, fingerprint: fingerprint,
            isImproper: chaining == .improper)
    }

    /// Whether the client's certificate leads to a third-party CA. Its dates count, as the real one's `Verify` has it.
    private func isThirdParty(_ request: Request) throws(Refusal) -> Bool {
        let all = try stored { try state.authorities() }
        return all.contains { $0.path(of: request.clientCertificate.chain, at: now()) != nil }
    }

    /// Who an external JWT says it is.
    private func externalCredential(_ request: Request) throws(Refusal) -> Credential {
        guard let token = try externalToken(request), let identity = state.identity(externalID: token.subject) else {
            throw .authenticationRefused
        }
        return Credential(
            identity: identity, authenticatorID: "extJwtId:\(token.signer.id)", fingerprint: nil, isImproper: false)
    }

    /// Who the user name and the password say it is.
    func passwordCredential(_ body: AuthenticationBody) throws(Refusal) -> Credential {
        guard let username = body.username, let password = body.password,
            let authenticator = state.passwordAuthenticator(username: username), authenticator.matches(password),
            let identity = try stored({ try state.identity(authenticator.identityID) })
        else { throw .authenticationRefused }
        return Credential(
            identity: identity, authenticatorID: authenticator.id, fingerprint: nil, isImproper: false)
    }

    // MARK: With a session

    /// Answers a request of a live session; up to 1.6 each such answer, refusals too, says when the session ends.
    func inSession(_ request: Request, _ body: (APISession) throws(Refusal) -> Answer) throws(Refusal) -> Answer {
        let session = try liveSession(request)
        var answer: Answer
        do throws(Refusal) {
            answer = try body(session)
        } catch {
            answer = refusal(error)
        }
        if !generation.isSecondGeneration { answer.headers += expiryHeaders(session) }
        return answer
    }

    /// The answer of a refusal. From 2.0 on, one for want of a session says how to prove one.
    func refusal(_ refusal: Refusal) -> Answer {
        var answer = Answer.refusal(refusal)
        guard generation.isSecondGeneration else { return answer }
        let missing = #"error="missing" error_description="no matching token was provided""#
        switch refusal.kind {
        case .noSession:
            answer.headers.append(
                (
                    "Www-Authenticate",
                    #"zt-session realm="zt-session" \#(missing),Bearer realm="openziti-oidc" \#(missing)"#
                ))
        case .badSession:
            answer.headers.append(
                (
                    "Www-Authenticate",
                    #"zt-session realm="zt-session" error="invalid" error_description="token is invalid""#
                ))
        case .badAccessToken:
            answer.headers.append(
                (
                    "Www-Authenticate",
                    #"Bearer realm="openziti-oidc" error="invalid" error_description="token is invalid""#
                ))
        default: break
        }
        return answer
    }

    func currentAPISession(_ request: Request) throws(Refusal) -> Answer {
        try inSession(request) { session throws(Refusal) in
            if request.method == "DELETE" {
                try stored { try state.end(session, now: now()) }
                return .data([:])
            }
            return .data(try sessionData(session, token: request.headers["zt-session"] ?? request.bearer ?? ""))
        }
    }

    func currentIdentity(_ request: Request) throws(Refusal) -> Answer {
        try inSession(request) { session throws(Refusal) in
            let identity = try identity(of: session)
            return .data(
                IdentityBody(
                    identity, state.authenticator(identityID: identity.id),
                    state.passwordAuthenticator(identityID: identity.id), generation
                ).data, meta: nil)
        }
    }

    func serviceUpdates(_ request: Request) throws(Refusal) -> Answer {
        try inSession(request) { session throws(Refusal) in
            .data(["lastChangeAt": .string(CalendarTime(session.createdAt).milliseconds)])
        }
    }

    /// There are no services and no routers, but an SDK waits for the answer that there are none.
    func emptyPage(_ request: Request) throws(Refusal) -> Answer {
        try inSession(request) { _ throws(Refusal) in
            .data([], meta: pageMeta(request, filterableFields: [], count: 0))
        }
    }

    /// The `meta` of a list.
    func pageMeta(_ request: Request, filterableFields: [JSON], count: Int) -> JSON {
        func number(_ name: String, _ fallback: Int) -> JSON {
            .number(min(500, max(0, request.query(name).flatMap { Int($0) } ?? fallback)))
        }
        return [
            "filterableFields": .array(filterableFields),
            "pagination": [
                "limit": number("limit", 10), "offset": number("offset", 0), "totalCount": .number(count),
            ],
        ]
    }

    func identity(of session: APISession) throws(Refusal) -> Identity {
        guard let identity = try stored({ try state.identity(session.identityID) }) else { throw .badSession }
        return identity
    }

    private func liveSession(_ request: Request) throws(Refusal) -> APISession {
        guard let token = request.headers["zt-session"] else {
            guard let bearer = request.bearer else { throw .noSession }
            return try session(bearer: bearer)
        }
        guard let session = state.session(token: token, now: now()) else { throw .badSession }
        return session
    }

    private func sessionData(_ session: APISession, token: String) throws(Refusal) -> JSON {
        SessionBody(
            session, token: token,
            isExtendable: state.authenticator(id: session.authenticatorID)?.isIssuedByNetwork ?? false,
            request: try extensionRequest(session)
        ).data
    }

    /// Only who authenticated with a certificate of the network's is told that an extension is wished for.
    private func extensionRequest(_ session: APISession) throws(Refusal) -> ExtensionRequest? {
        guard state.authenticator(id: session.authenticatorID)?.isIssuedByNetwork == true else { return nil }
        return try stored { try state.extensionRequest(identityID: session.identityID) }
    }

    private func expiryHeaders(_ session: APISession) -> [(name: String, value: String)] {
        let end = session.createdAt.addingTimeInterval(Double(State.sessionSeconds))
        return [
            ("Expiration-Seconds", String(State.sessionSeconds)), ("Expires-At", CalendarTime(end).goText),
        ]
    }
}
