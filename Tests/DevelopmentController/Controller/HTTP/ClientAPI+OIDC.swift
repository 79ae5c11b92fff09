internal import FoundationEssentials

/// OpenID Connect with the authorization code flow and PKCE (RFC 6749, RFC 7636): the SDKs follow its redirects
/// themselves, without a browser. Only the discovery document is judged by a recording.
extension ClientAPI {
    private var issuer: String { url + "/oidc" }

    /// Answers a request to a path below `/oidc`.
    func answerOpenID(_ request: Request, _ route: OpenIDRoute) -> Answer {
        do throws(Refusal) {
            switch route {
            case .configuration:
                return .openID(
                    OpenIDConfiguration(
                        issuer: issuer, algorithm: authority.serverKey.jwtAlgorithm, version: generation
                    ).data)
            case .keys: return .openID(["keys": .array(try keys())])
            case .authorize: return authorize(request)
            case .loginWithCertificate:
                return try logIn(request, AuthenticationBody(request)) { _ throws(Refusal) in
                    try certificateCredential(request)
                }
            case .loginWithPassword:
                return try logIn(request, passwordBody(request)) { body throws(Refusal) in
                    try passwordCredential(body)
                }
            case .callback: return callback(request)
            case .token: return try token(request)
            }
        } catch {
            var answer = Answer.refusal(error)
            answer.isOpenID = true
            return answer
        }
    }

    private func keys() throws(Refusal) -> [JSON] {
        try stored {
            try cluster.members().compactMap { member in
                guard let key = member.key, let fingerprint = member.fingerprint else { return nil }
                return try key.jwk(keyID: fingerprint)
            }
        }
    }

    private func authorize(_ request: Request) -> Answer {
        guard request.query("client_id") == SessionToken.clientID else {
            return .openIDError("invalid_request", "the client_id is not known")
        }
        guard let redirectURI = request.query("redirect_uri"),
            AuthorizationRequest.redirectURIs.contains(redirectURI)
        else { return .openIDError("invalid_request", "the redirect_uri is not one of the client's") }
        let authorization = AuthorizationRequest(
            redirectURI: redirectURI, state: request.query("state"), nonce: request.query("nonce"),
            scopes: (request.query("scope") ?? "").split(separator: " ").map(String.init),
            codeChallenge: request.query("code_challenge") ?? "")
        guard request.query("response_type") == "code" else {
            return .redirect(authorization.redirect([("error", "unsupported_response_type")]))
        }
        guard authorization.scopes.contains("openid") else {
            return .redirect(authorization.redirect([("error", "invalid_scope")]))
        }
        guard request.query("code_challenge_method") == "S256", !authorization.codeChallenge.isEmpty else {
            return .redirect(
                authorization.redirect([
                    ("error", "invalid_request"), ("error_description", "a code_challenge of method S256 is needed"),
                ]))
        }
        return .redirect("\(issuer)/login?authRequestID=\(openID.add(authorization))")
    }

    /// Judges the credential and binds the session to the authorization; the redirect leads to the code.
    private func logIn(
        _ request: Request, _ body: AuthenticationBody, _ judge: (AuthenticationBody) throws(Refusal) -> Credential
    ) throws(Refusal) -> Answer {
        let id = request.query("id") ?? request.query("authRequestID") ?? body.id ?? ""
        guard openID.request(id) != nil else { return .openIDError("invalid_request", "the id is not known") }
        // No session token stands for this session, so nothing is filed under the digest of one.
        let digest = Identifier.digest(ofToken: Identifier.token() + Identifier.token())
        let session = try begin(try judge(body), tokenDigest: digest, body, request, isOIDC: true)
        openID.logIn(id, session)
        return .redirect("\(issuer)/authorize/callback?id=\(id)")
    }

    private func passwordBody(_ request: Request) throws(Refusal) -> AuthenticationBody {
        guard request.mediaType == "application/x-www-form-urlencoded" else { return try AuthenticationBody(request) }
        let form = FormValues(request.text)
        return AuthenticationBody(username: form["username"], password: form["password"], id: form["id"])
    }

    private func callback(_ request: Request) -> Answer {
        let id = request.query("id") ?? ""
        guard let authorization = openID.request(id) else {
            return .openIDError("invalid_request", "the id is not known")
        }
        guard authorization.session != nil, let code = openID.makeCode(id) else {
            return .redirect(authorization.redirect([("error", "interaction_required")]))
        }
        return .redirect(authorization.redirect([("code", code)]))
    }

    // MARK: Tokens

    private func token(_ request: Request) throws(Refusal) -> Answer {
        guard request.mediaType == "application/x-www-form-urlencoded" else {
            return .openIDError("invalid_request", "the body is not a form")
        }
        let form = FormValues(request.text)
        guard form["client_id"] == SessionToken.clientID else {
            return .openIDError("invalid_client", "the client_id is not known")
        }
        switch form["grant_type"] {
        case "authorization_code":
            guard let authorization = openID.take(code: form["code"] ?? ""), let session = authorization.session,
                form["redirect_uri"] == authorization.redirectURI
            else { return .openIDError("invalid_grant", "the code is not good") }
            guard authorization.isProved(by: form["code_verifier"] ?? "") else {
                return .openIDError("invalid_grant", "the code_verifier does not fit the code_challenge")
            }
            return try tokens(session, scopes: authorization.scopes, nonce: authorization.nonce)
        case "refresh_token":
            let members = try stored { try cluster.members() }
            guard let token = SessionToken.read(form["refresh_token"] ?? "", .refresh, members, now: now()),
                let session = state.session(id: token.z_asid)
            else { return .openIDError("invalid_grant", "the refresh_token is not good") }
            let presented = request.clientCertificate.fingerprint ?? ""
            guard token.z_cfs.isEmpty || token.z_cfs.contains(presented) else {
                return .openIDError("invalid_grant", "the certificate that the session is bound to is not presented")
            }
            return try tokens(session, scopes: ["openid", "offline_access"], nonce: nil)
        default: return .openIDError("unsupported_grant_type", "the grant_type is not supported")
        }
    }

    private func tokens(_ session: APISession, scopes: [String], nonce: String?) throws(Refusal) -> Answer {
        let now = now()
        func make(_ kind: SessionToken.Kind) throws(Refusal) -> JSON {
            .string(
                try stored {
                    try SessionToken.make(
                        kind, session, scopes: scopes, issuer: issuer, authority: authority, now: now)
                })
        }
        var members: [JSON.Member] = [
            .init("access_token", try make(.access)), .init("token_type", "Bearer"),
        ]
        if scopes.contains("offline_access") { members.append(.init("refresh_token", try make(.refresh))) }
        let identityToken = try stored {
            try SessionToken.makeIdentityToken(session, nonce: nonce, issuer: issuer, authority: authority, now: now)
        }
        members += [
            .init("expires_in", .number(SessionToken.accessSeconds - 1)), .init("id_token", .string(identityToken)),
        ]
        return .openID(.object(members))
    }

    /// The session that an access token stands for.
    func session(bearer token: String) throws(Refusal) -> APISession {
        let members = try stored { try cluster.members() }
        guard isOIDCEnabled, let token = SessionToken.read(token, .access, members, now: now()),
            let session = state.session(id: token.z_asid)
        else { throw .badAccessToken }
        return session
    }
}
