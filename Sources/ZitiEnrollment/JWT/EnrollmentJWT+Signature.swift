import Crypto
import SwiftASN1
import X509

extension EnrollmentJWT {
    /// Checks that the holder of this certificate signed the JWT. Throws `jwtSignatureInvalid`.
    ///
    /// The signature decides. The header's `kid` explains a wrong one; where only the `kid` differs, the certificate was
    /// issued anew for the same key, and the answer is false.
    func verify(signer leaf: Certificate, der: [UInt8]) throws(EnrollmentError) -> Bool {
        let kidMatches = keyID.map { $0 == Hexadecimal.encode(Insecure.SHA1.hash(data: der)) }
        if isSigned(by: leaf.publicKey) { return kidMatches ?? true }
        guard kidMatches == false else {
            throw EnrollmentError(
                .jwtSignatureInvalid,
                "the enrollment JWT was not signed by the controller that answers at \(controller)",
                hint: "The JWT was changed, or is for another network. Ask for a new one.")
        }
        throw EnrollmentError(
            .jwtSignatureInvalid,
            "the certificate that \(controller) presents is not the one that signed the enrollment JWT",
            hint:
                "This is another controller of the cluster, a proxy that ends TLS, or the controller's certificate was "
                + "replaced after the JWT was made. Enroll with the controller that made the JWT, or ask for a new one."
        )
    }

    // ECDSA signatures of JWS are r and s side by side (RFC 7518 §3.4), of exactly the curve's length.
    private func isSigned(by key: Certificate.PublicKey) -> Bool {
        switch algorithm {
        case .rs256:
            key.isValidSignature(signature, for: signedBytes, signatureAlgorithm: .sha256WithRSAEncryption)
        case .es256:
            P256.Signing.PublicKey(key).flatMap { key in
                (try? P256.Signing.ECDSASignature(rawRepresentation: signature)).map {
                    key.isValidSignature($0, for: SHA256.hash(data: signedBytes))
                }
            } ?? false
        case .es384:
            P384.Signing.PublicKey(key).flatMap { key in
                (try? P384.Signing.ECDSASignature(rawRepresentation: signature)).map {
                    key.isValidSignature($0, for: SHA384.hash(data: signedBytes))
                }
            } ?? false
        case .es512:
            P521.Signing.PublicKey(key).flatMap { key in
                (try? P521.Signing.ECDSASignature(rawRepresentation: signature)).map {
                    key.isValidSignature($0, for: SHA512.hash(data: signedBytes))
                }
            } ?? false
        }
    }
}
