import FoundationEssentials
import NIOHTTP1
import ZitiEnrollment

/// What an OIDC provider's answers say.
extension OIDCLogin {
    typealias Answer = ControllerExchange.Answer

    /// What comes after an answer on the way to an authorization code.
    enum Step: Hashable {
        /// The code.
        case code(String)
        /// Another request to the controller, with this path and query.
        case redirect(String)
    }

    static let noCode = EnrollmentError(
        .answerInvalid, "the controller's OIDC provider gave no authorization code")

    /// The identifier of an authorization that has begun.
    static func requestID(_ answer: Answer) throws(EnrollmentError) -> String {
        let location = try redirect(in: answer)
        try throwError(in: location)
        guard let id = FormText.value(of: "authRequestID", in: location.query), (1...512).contains(id.utf8.count) else {
            throw EnrollmentError(.answerInvalid, "the controller's OIDC provider began no authorization")
        }
        return id
    }

    /// What to do after an answer to the login; `state` is what the authorization was begun with.
    static func step(_ answer: Answer, state: String) throws(EnrollmentError) -> Step {
        let location = try redirect(in: answer)
        try throwError(in: location)
        guard location.origin + location.path == redirect else {
            guard location.isOnController else { throw noCode }
            return .redirect(location.target)
        }
        guard FormText.value(of: "state", in: location.query) == state else {
            throw EnrollmentError(
                .answerInvalid, "the controller's OIDC provider answered another authorization than this one")
        }
        guard let code = FormText.value(of: "code", in: location.query), !code.isEmpty else { throw noCode }
        return .code(code)
    }

    /// The login that the token endpoint gives. The refresh token stays the previous one where no new one comes.
    static func login(
        _ answer: Answer, at controller: ControllerAddress, endpoints: OIDCEndpoints, previousRefreshToken: String?
    ) throws(EnrollmentError) -> APILogin {
        guard answer.status == 200 else {
            // RFC 6749 §5.2.
            if let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(answer.body)) {
                throw refused(answer.status, refusal.error, refusal.error_description)
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

    private static func redirect(in answer: Answer) throws(EnrollmentError) -> Location {
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
    private static func throwError(in location: Location) throws(EnrollmentError) {
        guard let code = FormText.value(of: "error", in: location.query) else { return }
        throw refused(401, code, FormText.value(of: "error_description", in: location.query))
    }

    private static func refused(_ status: Int, _ code: String, _ description: String?) -> EnrollmentError {
        let refusal = ControllerRefusal(status: status, code: code, message: description ?? "")
        return EnrollmentError(
            .refusedByController, "the controller's OIDC provider refused with \"\(refusal.code)\"", refusal: refusal)
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
