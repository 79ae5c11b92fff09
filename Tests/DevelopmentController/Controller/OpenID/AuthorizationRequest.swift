internal import Crypto
internal import FoundationEssentials

/// An authorization that a client asked for (RFC 6749 §4.1.1, RFC 7636 §4.3), until its code is exchanged.
struct AuthorizationRequest: Sendable {
    var redirectURI: String
    var state: String?
    var nonce: String?
    var scopes: [String]
    var codeChallenge: String
    /// Set by the login.
    var session: APISession?

    /// The redirect targets that the SDKs use; none of them is ever opened.
    static let redirectURIs = [
        "http://localhost:20314/auth/callback", "http://127.0.0.1:20314/auth/callback",
        "http://localhost:8080/auth/callback", "http://127.0.0.1:8080/auth/callback",
    ]

    /// Whether a verifier is the one the challenge was made from, by method S256.
    func isProved(by verifier: String) -> Bool {
        Base64URL.text(SHA256.hash(data: Data(verifier.utf8))) == codeChallenge
    }

    /// The redirect target with parameters, and the client's state where it gave one.
    func redirect(_ parameters: [(name: String, value: String)]) -> String {
        let all = parameters + (state.map { [("state", $0)] } ?? [])
        return redirectURI + "?" + all.map { "\($0.name)=\(FormValues.encoded($0.value))" }.joined(separator: "&")
    }
}
