import Crypto
import Foundation

@testable import ZitiEnrollment

/// Somebody who signs external JWTs with an EC key.
struct TokenIssuer {
    let issuer = "https://login.example.org"
    private let key = P256.Signing.PrivateKey()

    var publicKeyPEM: String { key.publicKey.pemRepresentation }

    /// A JWT for somebody; each call makes another one.
    func jwt(_ subject: String) throws -> ExternalJWT {
        let now = Int(Date().timeIntervalSince1970)
        let claims: [String: Any] = [
            "iss": issuer, "sub": subject, "nbf": now - 5, "exp": now + 600, "jti": UUID().uuidString,
        ]
        let header = try JSONSerialization.data(withJSONObject: ["alg": "ES256", "typ": "JWT"])
        let signed = try Self.text(header) + "." + Self.text(JSONSerialization.data(withJSONObject: claims))
        return try ExternalJWT("\(signed).\(Self.text(key.signature(for: Data(signed.utf8)).rawRepresentation))\n")
    }

    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}
