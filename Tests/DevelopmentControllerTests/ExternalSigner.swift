import Crypto
import Foundation

/// Somebody who signs external JWTs with an EC key.
struct ExternalSigner {
    let issuer = "https://login.example.org"
    private let key = P256.Signing.PrivateKey()

    var publicKeyPEM: String { key.publicKey.pemRepresentation }

    /// The value of an `Authorization` header with a token for somebody, good for a minute from a date.
    func authorization(_ subject: String?, issuer: String? = nil, algorithm: String = "ES256", from date: Date = Date())
        throws -> String
    {
        var claims: [String: Any] = [
            "iss": issuer ?? self.issuer, "nbf": Int(date.timeIntervalSince1970) - 1,
            "exp": Int(date.timeIntervalSince1970) + 60,
        ]
        claims["sub"] = subject
        let header = try JSONSerialization.data(withJSONObject: ["alg": algorithm, "typ": "JWT"])
        let signed = try Self.text(header) + "." + Self.text(JSONSerialization.data(withJSONObject: claims))
        return try "Bearer \(signed).\(Self.text(key.signature(for: Data(signed.utf8)).rawRepresentation))"
    }

    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}
