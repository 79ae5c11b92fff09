import Crypto
import DevelopmentController
import Foundation

/// A client of the OpenID Connect endpoints that follows the redirects itself, one step at a time.
struct OpenIDClient {
    let controller: Controller
    let client: RawClient
    let verifier = "a verifier of at least forty-three characters, as told"
    var parameters: [String: String]

    static let redirectURI = "http://localhost:20314/auth/callback"
    static let form = [("Content-Type", "application/x-www-form-urlencoded")]

    init(_ controller: Controller, _ client: RawClient) {
        self.controller = controller
        self.client = client
        parameters = [
            "client_id": "openziti", "scope": "openid offline_access", "response_type": "code", "state": "the state",
            "redirect_uri": Self.redirectURI, "code_challenge_method": "S256", "nonce": "the nonce",
            "code_challenge": Self.base64URL(Data(SHA256.hash(data: Data(verifier.utf8)))),
        ]
    }

    /// The first step; its redirect names the authorization.
    func authorize() async throws -> RawClient.Answer {
        try await client.send("GET /oidc/authorize?\(Self.encoded(parameters))")
    }

    /// The second step, with the certificate; its redirect leads back.
    func logIn(_ id: String, method: String = "cert", body: String = "{}") async throws -> RawClient.Answer {
        try await client.send("POST /oidc/login/\(method)?id=\(id)", [("Content-Type", "application/json")], body: body)
    }

    /// All steps up to the code.
    func code(method: String = "cert", body: String = "{}") async throws -> String? {
        let authorized = try await authorize()
        guard let id = Self.parameter("authRequestID", authorized) else { return nil }
        let loggedIn = try await logIn(id, method: method, body: body)
        guard let location = loggedIn.header("Location"), location.hasPrefix(controller.url) else { return nil }
        return Self.parameter("code", try await client.send("GET \(location.dropFirst(controller.url.count))"))
    }

    func token(_ form: [String: String]) async throws -> RawClient.Answer {
        try await client.send(
            "POST /oidc/oauth/token", Self.form,
            body: Self.encoded(["client_id": "openziti"].merging(form) { $1 }))
    }

    /// The last step.
    func exchange(_ code: String?, verifier: String? = nil) async throws -> RawClient.Answer {
        try await token([
            "grant_type": "authorization_code", "code": code ?? "", "redirect_uri": Self.redirectURI,
            "code_verifier": verifier ?? self.verifier,
        ])
    }

    func refresh(_ token: String?) async throws -> RawClient.Answer {
        try await self.token(["grant_type": "refresh_token", "refresh_token": token ?? ""])
    }

    // MARK: Reading

    /// A parameter of the URL that an answer redirects to.
    static func parameter(_ name: String, _ answer: RawClient.Answer) -> String? {
        answer.header("Location").flatMap { URLComponents(string: $0) }?.queryItems?.first { $0.name == name }?.value
    }

    /// A member of an answer that has no envelope.
    static func member(_ name: String, _ answer: RawClient.Answer) -> String? {
        (try? JSONSerialization.jsonObject(with: Data(Self.unchunked(answer))) as? [String: Any])?[name] as? String
    }

    /// The body without the framing of chunks (RFC 9112 §7.1).
    static func unchunked(_ answer: RawClient.Answer) -> [UInt8] {
        guard answer.header("Transfer-Encoding") == "chunked" else { return answer.body }
        var rest = answer.body[...]
        var body: [UInt8] = []
        while let end = rest.firstRange(of: Array("\r\n".utf8)),
            let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16), size > 0
        {
            body += rest[end.upperBound...].prefix(size)
            rest = rest[end.upperBound...].dropFirst(size + 2)
        }
        return body
    }

    private static func encoded(_ parameters: [String: String]) -> String {
        parameters.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }.joined(separator: "&")
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}
