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
    let openID: OpenIDProvider
    let startedAt: Date
    let networkToken: NetworkToken
    /// Certificates in DER that the CA bundle holds besides the authority's own.
    let otherAuthorities: [[UInt8]]

    /// Answers one request whose path was rewritten. Never throws: every refusal is an answer.
    func answer(_ request: Request, issuing variation: IssueVariation? = nil) -> Answer {
        do throws(Refusal) {
            if isOIDCEnabled, let route = OpenIDRoute(rawValue: request.path), route.verb == request.method {
                return answerOpenID(request, route)
            }
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
        case .enrollOtt, .enrollOttCA, .enrollUpdb: return try enroll(route, request, variation)
        case .enrollCA:
            // The real controller's handler dereferences nothing and panics.
            return Answer(status: 500, headers: [("Content-Type", "application/json")], body: "", lengthIsSorted: false)
        case .enrollToken: return try enrollByToken(request, variation)
        case .externalJWTSigners: return try externalSigners(request)
        case .enrollJWKS: return notImplemented("enroll.GetEnrollmentJwks")
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

    /// Only what is offered is listed: no management API, no health checks. Without the capability `OIDC_AUTH`, clients
    /// authenticate at the client API.
    private var versionData: JSON {
        func binding(_ baseURL: String, _ path: String) -> JSON {
            ["v1": ["apiBaseUrls": [.string(baseURL)], "path": .string(path)]]
        }
        let client = binding(url + "/edge/client/v1", "/edge/client/v1")
        var bindings: [JSON.Member] = [.init("edge", client), .init("edge-client", client)]
        var capabilities: [JSON] = []
        if isOIDCEnabled {
            bindings.append(.init("edge-oidc", binding(generation.isSecondGeneration ? url + "/oidc" : url, "/oidc")))
            capabilities.append("OIDC_AUTH")
        }
        return [
            "apiVersions": .object(bindings), "buildDate": "2026-08-20", "capabilities": .array(capabilities),
            "revision": .string(generation.revision), "runtimeVersion": "go1.27.3", "version": .string(version),
        ]
    }

    private func certificateAuthorities() throws(Refusal) -> Answer {
        try stored { try ClientAPI.bundle(authority, others: otherAuthorities) }
    }

    /// The answer that serves the CA certificates of an authority, this controller's or another's, and further ones.
    static func bundle(_ authority: Authority, others: [[UInt8]] = []) throws -> Answer {
        let der = try CertificateBundle.pkcs7([authority.intermediate, authority.root] + others)
        return Answer(
            status: 200,
            headers: [("Content-Transfer-Encoding", "base64"), ("Content-Type", "application/pkcs7-mime")],
            body: PEM.base64Lines(der), lengthIsSorted: false, lengthIsLeftToServer: true)
    }

    private func networkJWTs() throws(Refusal) -> Answer {
        let administration = Administration(authority: authority, state: state, url: url, now: now())
        let jwt = try stored { try networkToken.jwt(administration) }
        return .data([["name": "default", "token": .string(jwt)]])
    }

    /// The answer of an operation that is described but has no handler.
    func notImplemented(_ operation: String) -> Answer {
        Answer(
            status: 501, headers: [("Content-Type", "application/json")],
            body: "\"operation \(operation) has not yet been implemented\"\n", lengthIsSorted: false)
    }

    func checkContentType(_ request: Request, allowed: [String]) throws(Refusal) {
        guard !request.body.isEmpty else { return }
        let type = request.mediaType ?? "application/octet-stream"
        guard allowed.contains(type) else { throw .unsupportedContentType(type, allowed: allowed) }
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
