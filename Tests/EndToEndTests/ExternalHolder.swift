import Crypto
import Foundation

/// Somebody who holds JWTs of a signer that a network trusts, and the signer.
struct ExternalHolder {
    static let issuer = "https://login.example.org"
    private let key = P256.Signing.PrivateKey()

    var publicKeyPEM: String { key.publicKey.pemRepresentation }

    /// A JWT that is good for ten minutes.
    func jwt(_ subject: String) throws -> String {
        let claims: [String: Any] = [
            "iss": Self.issuer, "sub": subject, "exp": Int(Date().timeIntervalSince1970) + 600,
        ]
        let signed =
            try Self.text(Data(#"{"alg":"ES256","typ":"JWT"}"#.utf8)) + "."
            + Self.text(JSONSerialization.data(withJSONObject: claims))
        return try signed + "." + Self.text(key.signature(for: Data(signed.utf8)).rawRepresentation)
    }

    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
