/// The paths the controller knows, after rewriting, and the verbs each takes.
enum Route: String, Sendable, CaseIterable {
    case version = "/edge/client/v1/version"
    case certificateAuthorities = "/edge/client/v1/.well-known/est/cacerts"
    case networkJWTs = "/edge/client/v1/network-jwts"
    case enroll = "/edge/client/v1/enroll"
    case enrollOtt = "/edge/client/v1/enroll/ott"
    case enrollOttCA = "/edge/client/v1/enroll/ottca"
    case enrollUpdb = "/edge/client/v1/enroll/updb"
    case enrollCA = "/edge/client/v1/enroll/ca"
    case enrollToken = "/edge/client/v1/enroll/token"
    case enrollJWKS = "/edge/client/v1/enroll/jwks"
    case authenticate = "/edge/client/v1/authenticate"
    case currentIdentity = "/edge/client/v1/current-identity"
    case currentAPISession = "/edge/client/v1/current-api-session"
    case serviceUpdates = "/edge/client/v1/current-api-session/service-updates"
    case services = "/edge/client/v1/services"
    case edgeRouters = "/edge/client/v1/current-identity/edge-routers"

    /// The verbs, in the order an answer of 405 lists them.
    var verbs: [String] {
        switch self {
        case .version, .certificateAuthorities, .networkJWTs, .enrollJWKS, .currentIdentity, .serviceUpdates, .services,
            .edgeRouters:
            ["GET"]
        case .enroll, .enrollOtt, .enrollOttCA, .enrollUpdb, .enrollCA, .enrollToken, .authenticate: ["POST"]
        case .currentAPISession: ["DELETE", "GET"]
        }
    }

    /// The route of a rewritten path.
    init?(path: String) {
        switch path {
        case "/.well-known/est/cacerts": self = .certificateAuthorities
        case "/edge/client/v1", "/edge/client/v1/": self = .version
        default: self.init(rawValue: path)
        }
    }

    /// The path the client API looks at: `/` is the version, `/edge/v1` an old prefix, and whatever begins with none of
    /// `/edge`, `/fabric` and `/.well-known` gets the prefix `/edge/client/v1`.
    static func rewritten(_ path: String) -> String {
        if path == "/" || path.isEmpty { return Route.version.rawValue }
        if path == "/edge/v1" || path.hasPrefix("/edge/v1/") { return "/edge/client/v1" + path.dropFirst(8) }
        let own = ["/edge", "/fabric", "/.well-known"].contains { path.hasPrefix($0) }
        return own ? path : "/edge/client/v1" + path
    }
}
