import FoundationEssentials
import NIOHTTP1
import ZitiEnrollment

/// Logs in by certificate at a controller's OIDC provider: an authorization code with proof key (RFC 7636), whose redirects
/// are followed here and by no browser, for a token that goes with every request as `Authorization: Bearer`.
struct OIDCLogin {
    private static let clientID = "openziti"
    private static let scope = "openid offline_access"
    /// Where the code would be sent to, if there were a browser. Nothing listens there, and nothing is sent there.
    private static let redirect = "http://localhost:20314/auth/callback"
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
        let location = try redirect(
            in: try await exchange.send(.GET, "\(endpoints.authorization)?\(query)", to: controller))
        try throwError(in: location)
        guard let id = FormText.value(of: "authRequestID", in: location.query), (1...512).contains(id.utf8.count) else {
            throw EnrollmentError(.answerInvalid, "the controller's OIDC provider began no authorization")
        }
        return id
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
            let location = try redirect(in: answer)
            try throwError(in: location)
            if location.origin + location.path == Self.redirect {
                guard FormText.value(of: "state", in: location.query) == state else {
                    throw EnrollmentError(
                        .answerInvalid, "the controller's OIDC provider answered another authorization than this one")
                }
                guard let code = FormText.value(of: "code", in: location.query), !code.isEmpty else { break }
                return code
            }
            guard location.isOnController else { break }
            answer = try await exchange.send(.GET, location.target, to: controller)
        }
        throw EnrollmentError(.answerInvalid, "the controller's OIDC provider gave no authorization code")
    }

    private func redirect(in answer: ControllerExchange.Answer) throws(EnrollmentError) -> Location {
        guard (300..<400).contains(answer.status) else {
            guard answer.status >= 400 else {
                throw EnrollmentError(
                    .answerInvalid, "the controller's OIDC provider does not redirect",
                    refusal: ControllerRefusal(status: answer.status))
            }
            throw answer.asControllerAnswer.refused()
        }
        guard let location = answer.headers.first(name: "Location").flatMap(Location.init) else {
            throw EnrollmentError(.answerInvalid, "the controller's OIDC provider redirects to nowhere")
        }
        return location
    }

    /// Throws what the provider refuses with, which it tells in the redirect (RFC 6749 §4.1.2.1).
    private func throwError(in location: Location) throws(EnrollmentError) {
        guard let code = FormText.value(of: "error", in: location.query) else { return }
        throw Self.refused(401, code, FormText.value(of: "error_description", in: location.query))
    }

    private static func refused(_ status: Int, _ code: String, _ description: String?) -> EnrollmentError {
        let refusal = ControllerRefusal(status: status, code: code, message: description ?? "")
        return EnrollmentError(
            .refusedByController, "the controller's OIDC provider refused with \"\(refusal.code)\"", refusal: refusal)
    }

    private func login(
        _ endpoints: OIDCEndpoints, _ form: [(name: String, value: String)], previousRefreshToken: String?
    ) async throws(EnrollmentError) -> APILogin {
        let answer = try await exchange.send(
            .POST, endpoints.token, to: controller,
            headers: ["Content-Type": "application/x-www-form-urlencoded"], body: Array(FormText.encode(form).utf8))
        guard answer.status == 200 else {
            // RFC 6749 §5.2.
            if let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(answer.body)) {
                throw Self.refused(answer.status, refusal.error, refusal.error_description)
            }
            throw answer.asControllerAnswer.refused()
        }
        // The decoder's own words would repeat a part of the answer, and with it a token.
        guard let tokens = try? JSONDecoder().decode(Tokens.self, from: Data(answer.body)),
            tokens.token_type.lowercased() == "bearer", APILogin.isHeaderValue(tokens.access_token)
        else { throw EnrollmentError(.answerInvalid, "the controller's OIDC provider gave no token that can be used") }
        let refreshToken = tokens.refresh_token ?? previousRefreshToken
        return APILogin(
            controller: controller, kind: .oidc, header: ("Authorization", "Bearer \(tokens.access_token)"),
            refresh: refreshToken.map { APILogin.Refresh(token: $0, endpoints: endpoints) },
            lifeSeconds: min(max(tokens.expires_in ?? 1800, 0), 86_400))
    }

    private struct Tokens: Decodable {
        let access_token: String
        let token_type: String
        let expires_in: Int?
        let refresh_token: String?
    }

    private struct Refusal: Decodable {
        let error: String
        let error_description: String?
    }
}
