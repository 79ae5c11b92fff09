import FoundationEssentials
import ZitiEnrollment

/// Where a controller's OIDC provider is asked for codes and tokens: paths on the controller itself, whatever host the
/// discovery document names. A controller may be reached under a name that it does not know of.
struct OIDCEndpoints: Sendable {
    let provider: String
    var authorization: String
    var token: String

    /// Those that the controllers have where no document says otherwise.
    init(provider: String = "/oidc") {
        self.provider = provider
        authorization = "\(provider)/authorize"
        token = "\(provider)/oauth/token"
    }

    /// Asks the provider. Throws `answerInvalid` for a document that names no endpoints on a controller.
    static func discover(
        provider: String, at controller: ControllerAddress, over exchange: ControllerExchange
    ) async throws(EnrollmentError) -> OIDCEndpoints {
        let path = "\(provider)/.well-known/openid-configuration"
        return try OIDCEndpoints(await exchange.send(.GET, path, to: controller), provider: provider)
    }

    /// Reads the provider's answer. One that has no document has the endpoints of all controllers.
    init(_ answer: ControllerExchange.Answer, provider: String) throws(EnrollmentError) {
        self.init(provider: provider)
        if answer.status == 404 { return }
        guard answer.status == 200 else { throw answer.asControllerAnswer.refused() }
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(answer.body)),
            let authorization = Location(document.authorization_endpoint), authorization.isOnController,
            let token = Location(document.token_endpoint), token.isOnController
        else {
            throw EnrollmentError(.answerInvalid, "the controller's OIDC provider names no endpoints that can be used")
        }
        self.authorization = authorization.path
        self.token = token.path
    }

    private struct Document: Decodable {
        let authorization_endpoint: String
        let token_endpoint: String
    }
}
