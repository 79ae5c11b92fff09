/// The paths of the OpenID Connect endpoints.
enum OpenIDRoute: String, Sendable, CaseIterable {
    case configuration = "/oidc/.well-known/openid-configuration"
    case keys = "/oidc/keys"
    case authorize = "/oidc/authorize"
    case loginWithCertificate = "/oidc/login/cert"
    case loginWithPassword = "/oidc/login/password"
    case callback = "/oidc/authorize/callback"
    case token = "/oidc/oauth/token"

    /// The verb each takes.
    var verb: String {
        switch self {
        case .configuration, .keys, .authorize, .callback: "GET"
        case .loginWithCertificate, .loginWithPassword, .token: "POST"
        }
    }

    /// Whether a path is one of these endpoints', or would be.
    static func isBelow(_ path: String) -> Bool {
        path == "/oidc" || path.hasPrefix("/oidc/")
    }
}
