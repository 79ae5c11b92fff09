/// The discovery document (OpenID Connect Discovery 1.0 §3), as recorded.
struct OpenIDConfiguration {
    let issuer: String
    let algorithm: String
    let version: ControllerVersion

    var data: JSON {
        let authentication: JSON = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
        var members: [JSON.Member] = [.init("issuer", .string(issuer))]
        for (name, path) in OpenIDConfiguration.endpoints { members.append(.init(name, .string(issuer + path))) }
        members += [
            .init("scopes_supported", ["openid", "profile", "email", "phone", "address", "offline_access"]),
            .init("response_types_supported", ["code", "id_token", "id_token token"]),
            .init(
                "grant_types_supported",
                [
                    "authorization_code", "implicit", "refresh_token", "client_credentials",
                    "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:jwt-bearer",
                    "urn:ietf:params:oauth:grant-type:device_code",
                ]), .init("subject_types_supported", ["public"]),
            .init("id_token_signing_alg_values_supported", [.string(algorithm)]),
            .init("request_object_signing_alg_values_supported", ["RS256"]),
            .init("token_endpoint_auth_methods_supported", authentication),
            .init("token_endpoint_auth_signing_alg_values_supported", ["RS256"]),
            .init("revocation_endpoint_auth_methods_supported", authentication),
            .init("revocation_endpoint_auth_signing_alg_values_supported", ["RS256"]),
            .init("introspection_endpoint_auth_methods_supported", ["client_secret_basic", "private_key_jwt"]),
            .init("introspection_endpoint_auth_signing_alg_values_supported", ["RS256"]),
            .init("claims_supported", .array(OpenIDConfiguration.claims.map { .string($0) })),
            .init("code_challenge_methods_supported", ["S256"]), .init("ui_locales_supported", ["en"]),
            .init("request_parameter_supported", true), .init("request_uri_parameter_supported", false),
        ]
        if version.isSecondGeneration {
            let logins = OpenIDConfiguration.logins.map { JSON.Member($0, .string(issuer + "/login/" + $1)) }
            members.append(.init("openziti_endpoints", .object(logins)))
        }
        return .object(members)
    }

    private static let endpoints = [
        ("authorization_endpoint", "/authorize"), ("token_endpoint", "/oauth/token"),
        ("introspection_endpoint", "/oauth/introspect"), ("userinfo_endpoint", "/userinfo"),
        ("revocation_endpoint", "/revoke"), ("end_session_endpoint", "/end_session"),
        ("device_authorization_endpoint", "/device_authorization"), ("jwks_uri", "/keys"),
    ]

    private static let claims = [
        "sub", "aud", "exp", "iat", "iss", "auth_time", "nonce", "acr", "amr", "c_hash", "at_hash", "act", "scopes",
        "client_id", "azp", "preferred_username", "name", "family_name", "given_name", "locale", "email",
        "email_verified", "phone_number", "phone_number_verified",
    ]

    private static let logins = [
        ("password", "password"), ("cert", "cert"), ("ext_jwt", "ext-jwt"), ("totp", "totp"),
        ("totp_enroll", "totp/enroll"), ("totp_enroll_verify", "totp/enroll/verify"),
        ("auth_queries", "auth-queries"),
    ]
}
