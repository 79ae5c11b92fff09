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
    case externalJWTSigners = "/edge/client/v1/external-jwt-signers"
    case enrollJWKS = "/edge/client/v1/enroll/jwks"
    case authenticate = "/edge/client/v1/authenticate"
    case currentIdentity = "/edge/client/v1/current-identity"
    case currentAPISession = "/edge/client/v1/current-api-session"
    case serviceUpdates = "/edge/client/v1/current-api-session/service-updates"
    case services = "/edge/client/v1/services"
    case edgeRouters = "/edge/client/v1/current-identity/edge-routers"
    case authenticators = "/edge/client/v1/current-identity/authenticators"
    case authenticator = "/edge/client/v1/current-identity/authenticators/{id}"
    case extend = "/edge/client/v1/current-identity/authenticators/{id}/extend"
    case extendVerify = "/edge/client/v1/current-identity/authenticators/{id}/extend-verify"
    case controllers = "/edge/client/v1/controllers"

    /// The verbs, in the order an answer of 405 lists them.
    var verbs: [String] {
        switch self {
        case .version, .certificateAuthorities, .networkJWTs, .enrollJWKS, .currentIdentity, .serviceUpdates, .services,
            .edgeRouters, .externalJWTSigners, .authenticators, .authenticator, .controllers:
            ["GET"]
        case .enroll, .enrollOtt, .enrollOttCA, .enrollUpdb, .enrollCA, .enrollToken, .authenticate, .extend,
            .extendVerify:
            ["POST"]
        case .currentAPISession: ["DELETE", "GET"]
        }
    }

    /// The route of a rewritten path.
    init?(path: String) {
        switch path {
        case "/.well-known/est/cacerts": self = .certificateAuthorities
        case "/edge/client/v1", "/edge/client/v1/": self = .version
        default: self.init(rawValue: Route.withoutID(path) ?? path)
        }
    }

    /// The id in the path of an authenticator.
    static func authenticatorID(_ path: String) -> String? {
        let prefix = Route.authenticators.rawValue + "/"
        guard path.hasPrefix(prefix) else { return nil }
        let id = path.dropFirst(prefix.count).prefix { $0 != "/" }
        return id.isEmpty ? nil : String(id)
    }

    /// The path with `{id}` in the place of an authenticator's id.
    private static func withoutID(_ path: String) -> String? {
        guard let id = authenticatorID(path) else { return nil }
        let prefix = Route.authenticators.rawValue + "/"
        return prefix + "{id}" + path.dropFirst(prefix.count + id.count)
    }

    /// The path the client API looks at: `/` is the version, `/edge/v1` an old prefix, and whatever begins with none of
    /// `/edge`, `/fabric` and `/.well-known` gets the prefix `/edge/client/v1`. OpenID Connect is an API beside it.
    static func rewritten(_ path: String) -> String {
        if path == "/" || path.isEmpty { return Route.version.rawValue }
        if path == "/edge/v1" || path.hasPrefix("/edge/v1/") { return "/edge/client/v1" + path.dropFirst(8) }
        let own = ["/edge", "/fabric", "/.well-known"].contains { path.hasPrefix($0) }
        return own || OpenIDRoute.isBelow(path) ? path : "/edge/client/v1" + path
    }
}
