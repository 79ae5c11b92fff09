import NIOHTTP1
import ZitiEnrollment

/// Logs in by certificate at a controller's OIDC provider: an authorization code with proof key (RFC 7636), whose redirects
/// are followed here and by no browser, for a token that goes with every request as `Authorization: Bearer`.
struct OIDCLogin {
    private static let clientID = "openziti"
    private static let scope = "openid offline_access"
    /// Where the code would be sent to, if there were a browser. Nothing listens there, and nothing is sent there.
    static let redirect = "http://localhost:20314/auth/callback"
    private static let maximumRedirects = 4

    let exchange: ControllerExchange
    let controller: ControllerAddress
    let client: ClientInfo

    /// Logs in. Throws `refusedByController`, also where the controller wants a second factor, and `answerInvalid` for
    /// redirects that lead nowhere and for an answer to another authorization than this one.
    func logIn(_ endpoints: OIDCEndpoints) async throws(EnrollmentError) -> APILogin {
        let proof = ProofKey()
        let state = RandomText.make(bytes: 30)
        let request = try await requestAuthorization(endpoints, proof, state)
        let code = try await authenticate(request, endpoints, state)
        return try await login(
            endpoints,
            [
                ("grant_type", "authorization_code"), ("code", code), ("code_verifier", proof.verifier),
                ("client_id", Self.clientID), ("redirect_uri", Self.redirect),
            ], previousRefreshToken: nil)
    }

    /// Exchanges the refresh token, which is good only over a connection with the certificate that it was given to.
    func renew(_ refresh: APILogin.Refresh) async throws(EnrollmentError) -> APILogin {
        try await login(
            refresh.endpoints,
            [
                ("grant_type", "refresh_token"), ("refresh_token", refresh.token), ("client_id", Self.clientID),
                ("scope", Self.scope),
            ], previousRefreshToken: refresh.token)
    }

    /// The identifier of an authorization that has begun.
    private func requestAuthorization(
        _ endpoints: OIDCEndpoints, _ proof: ProofKey, _ state: String
    ) async throws(EnrollmentError) -> String {
        let query = FormText.encode([
            ("client_id", Self.clientID), ("scope", Self.scope), ("response_type", "code"),
            ("redirect_uri", Self.redirect), ("code_challenge", proof.challenge), ("code_challenge_method", "S256"),
            ("state", state),
        ])
        return try Self.requestID(try await exchange.send(.GET, "\(endpoints.authorization)?\(query)", to: controller))
    }

    /// The authorization code, which the certificate earns.
    private func authenticate(
        _ id: String, _ endpoints: OIDCEndpoints, _ state: String
    ) async throws(EnrollmentError) -> String {
        var answer = try await exchange.send(
            .POST, "\(endpoints.provider)/login/cert?\(FormText.encode([("id", id)]))", to: controller,
            headers: ["Content-Type": "application/json"], body: try client.requestBody())
        // A login that is complete redirects; what it answers otherwise is a list of what it wants besides.
        if answer.status == 200 { throw SecondFactor.required(status: answer.status) }
        for _ in 0..<Self.maximumRedirects {
            switch try Self.step(answer, state: state) {
            case .code(let code): return code
            case .redirect(let target): answer = try await exchange.send(.GET, target, to: controller)
            }
        }
        throw Self.noCode
    }

    private func login(
        _ endpoints: OIDCEndpoints, _ form: [(name: String, value: String)], previousRefreshToken: String?
    ) async throws(EnrollmentError) -> APILogin {
        let answer = try await exchange.send(
            .POST, endpoints.token, to: controller,
            headers: ["Content-Type": "application/x-www-form-urlencoded"], body: Array(FormText.encode(form).utf8))
        return try Self.login(
            answer, at: controller, endpoints: endpoints, previousRefreshToken: previousRefreshToken)
    }
}
