internal import FoundationEssentials

/// The part of a Ziti controller's client API that this controller answers: what each route checks, in the real
/// controller's order, and what it says.
struct ClientAPI: Sendable {
    let authority: Authority
    let state: State
    /// `https://HOST:PORT`.
    let url: String
    let version: String
    let now: @Sendable () -> Date
    let cluster: Cluster
    let isOIDCEnabled: Bool
    let startedAt: Date

    private static let enrollTypes = ["application/pkcs7", "application/json", "application/x-pem-file", "text/plain"]

    /// Answers one request whose path was rewritten. Never throws: every refusal is an answer.
    func answer(_ request: Request, issuing variation: IssueVariation? = nil) -> Answer {
        do throws(Refusal) {
            guard let route = Route(path: request.path) else { throw .pathNotFound(request.path) }
            guard route.verbs.contains(request.method) else {
                throw .verbNotAllowed(request.method, allowed: route.verbs)
            }
            return try answer(request, route, variation)
        } catch {
            return refusal(error)
        }
    }

    private func answer(_ request: Request, _ route: Route, _ variation: IssueVariation?) throws(Refusal) -> Answer {
        switch route {
        case .version: return .data(versionData)
        case .certificateAuthorities: return try certificateAuthorities()
        case .networkJWTs: return try networkJWTs()
        case .enroll: return try enroll(request, variation)
        case .enrollOtt:
            let body = try jsonBody(request)
            guard let pem = body.clientCsr else { throw .fieldRequired("clientCsr") }
            return try ott(method: "ott", token: try tokenMember(body), pem: pem, variation)
        case .enrollOttCA:
            let body = try jsonBody(request)
            return try ott(method: "ottca", token: try tokenMember(body), pem: "", variation)
        case .enrollUpdb:
            _ = try jsonBody(request)
            return try ott(method: "updb", token: try tokenParameter(request), pem: "", variation)
        case .enrollCA:
            // The real controller's handler dereferences nothing and panics.
            return Answer(status: 500, headers: [("Content-Type", "application/json")], body: "", lengthIsSorted: false)
        case .enrollToken:
            guard request.headers["authorization"] != nil else { throw .headerRequired("Authorization") }
            // No signer of external JWTs is configured, so none that is presented can be accepted.
            throw .invalidEnrollmentToken
        case .enrollJWKS:
            return Answer(
                status: 501, headers: [("Content-Type", "application/json")],
                body: "\"operation enroll.GetEnrollmentJwks has not yet been implemented\"\n", lengthIsSorted: false)
        case .authenticate: return try authenticate(request)
        case .currentIdentity: return try currentIdentity(request)
        case .currentAPISession: return try currentAPISession(request)
        case .serviceUpdates: return try serviceUpdates(request)
        case .services, .edgeRouters: return try emptyPage(request)
        case .authenticators: return try authenticators(request)
        case .authenticator: return try authenticator(request)
        case .extend: return try extend(request, variation)
        case .extendVerify: return try extendVerify(request)
        case .controllers: return try controllers(request)
        }
    }

    // MARK: Before there is trust

    /// Only the client API is offered, so only it is listed: no management API, no OIDC, no health checks, and no
    /// capability `OIDC_AUTH`, without which clients authenticate with their certificate.
    private var versionData: JSON {
        let client: JSON = [
            "v1": ["apiBaseUrls": [.string(url + "/edge/client/v1")], "path": "/edge/client/v1"]
        ]
        return [
            "apiVersions": ["edge": client, "edge-client": client], "buildDate": "2026-08-20", "capabilities": [],
            "revision": "d7878c55e070", "runtimeVersion": "go1.27.3", "version": .string(version),
        ]
    }

    private func certificateAuthorities() throws(Refusal) -> Answer {
        try stored { try ClientAPI.bundle(authority) }
    }

    /// The answer that serves the CA certificates of an authority, this controller's or another's.
    static func bundle(_ authority: Authority) throws -> Answer {
        let der = try CertificateBundle.pkcs7([authority.intermediate, authority.root])
        return Answer(
            status: 200,
            headers: [("Content-Transfer-Encoding", "base64"), ("Content-Type", "application/pkcs7-mime")],
            body: PEM.base64Lines(der), lengthIsSorted: false)
    }

    private func networkJWTs() throws(Refusal) -> Answer {
        let contents = JWTContents(
            algorithm: authority.serverKey.jwtAlgorithm, keyID: authority.serverFingerprint, issuer: url + "/",
            subject: url + "/", expiresAt: nil, token: Identifier.token(), method: "network", controllers: nil,
            audience: ["openziti-enroller"], isSignedByServer: true)
        let jwt = try stored { try contents.compact(authority) }
        return .data([["name": "default", "token": .string(jwt)]])
    }

    // MARK: Enrollment

    private func enroll(_ request: Request, _ variation: IssueVariation?) throws(Refusal) -> Answer {
        try checkContentType(request, allowed: ClientAPI.enrollTypes)
        let method = request.query("method") ?? "ott"
        let isRaw: Bool =
            switch request.mediaType {
            case "application/x-pem-file", "text/plain", "application/pkcs7": true
            case nil: method == "ca"
            default: false
            }
        if isRaw {
            guard acceptsJSON(request) else { throw .noSuitableAccept }
            return try ott(method: method, token: request.query("token") ?? "", pem: request.text, variation)
        }
        let body = try EnrollmentBody(request)
        return try ott(method: method, token: try tokenParameter(request), pem: body.clientCsr ?? "", variation)
    }

    /// The checks that every method with a token has, and then those of the only method whose tokens are made here.
    private func ott(method: String, token: String, pem: String, _ variation: IssueVariation?) throws(Refusal)
        -> Answer
    {
        // Enrollment by CA skips the token, and no CA is configured.
        if method == "ca" { throw .caCertificateRefused }
        guard let enrollment = try stored({ try state.enrollment(token: token) }) else {
            throw .invalidEnrollmentToken
        }
        guard enrollment.method == method else { throw .invalidEnrollMethod }
        guard try stored({ try state.identity(enrollment.identityID) }) != nil else { throw .invalidEnrollmentToken }
        let now = now()
        guard now < enrollment.expiresAt else { throw .enrollmentExpired }
        let leaf = try issue(CertificateRequest(pem: pem), identityID: enrollment.identityID, variation)
        let chain = authority.chainPEM(leaf: leaf)
        let authenticator = Authenticator(
            id: Identifier.entity(), identityID: enrollment.identityID,
            fingerprint: Identifier.fingerprint(ofCertificate: leaf), certificatePEM: chain, createdAt: now,
            tokenDigest: enrollment.tokenDigest)
        guard try stored({ try state.spend(enrollment, for: authenticator) }) else { throw .invalidEnrollmentToken }
        return .data(["cert": .string(chain)])
    }

    /// Issues a client certificate, wrong in the way a fault wants it.
    func issue(_ request: CertificateRequest, identityID: String, _ variation: IssueVariation?) throws(Refusal)
        -> [UInt8]
    {
        try stored {
            try authority.issueClient(
                subjectDER: request.subjectDER,
                publicKeyDER: variation == .anotherKey ? SigningKey(.p256).publicKeyDER : request.publicKeyDER,
                now: variation == .expired ? now().addingTimeInterval(-3 * 365 * 86_400) : now())
        }
    }

    private func jsonBody(_ request: Request) throws(Refusal) -> EnrollmentBody {
        try checkContentType(request, allowed: ["application/json"])
        return try EnrollmentBody(request)
    }

    private func tokenMember(_ body: EnrollmentBody) throws(Refusal) -> String {
        guard let token = body.token else { throw .fieldRequired("token") }
        guard UUID(uuidString: token) != nil else { throw .fieldNotUUID("token", value: token) }
        return token
    }

    private func tokenParameter(_ request: Request) throws(Refusal) -> String {
        guard let token = request.query("token") else { return "" }
        guard UUID(uuidString: token) != nil else { throw .queryNotUUID("token", value: token) }
        return token
    }

    func checkContentType(_ request: Request, allowed: [String]) throws(Refusal) {
        guard !request.body.isEmpty else { return }
        let type = request.mediaType ?? "application/octet-stream"
        guard allowed.contains(type) else { throw .unsupportedContentType(type, allowed: allowed) }
    }

    private func acceptsJSON(_ request: Request) -> Bool {
        guard let accept = request.headers["accept"] else { return true }
        return accept.split(separator: ",").contains { range in
            let type = range.prefix { $0 != ";" }.filter { $0 != " " }
            return type == "application/json" || type == "*/*"
        }
    }

    /// A failure of storage is a failure of ours, not of the request.
    func stored<Value>(_ body: () throws -> Value) throws(Refusal) -> Value {
        do {
            return try body()
        } catch {
            throw .internalFailure
        }
    }
}
