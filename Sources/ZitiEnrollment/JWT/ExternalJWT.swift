import FoundationEssentials
import Crypto

/// A JWT of somebody whom the network trusts, which enrolls its holder. A secret; its description does not show it.
///
/// Only its form is checked: who signed it and what it says is for the controller to judge.
public struct ExternalJWT: Sendable {
    let text: String
    /// Names the holder without giving the JWT away: SHA-256 of issuer and subject, which a renewed JWT has too. In
    /// hexadecimal digits.
    let subjectHash: String

    /// Reads a JWT in its compact form; white space and a byte order mark around it are dropped. Throws `inputInvalid`, without repeating it.
    public init(_ text: String) throws(EnrollmentError) {
        let trimmed = String(
            text.drop(while: EnrollmentJWT.isAround).reversed().drop(while: EnrollmentJWT.isAround).reversed())
        let segments = trimmed.split(separator: ".", omittingEmptySubsequences: false)
        guard trimmed.utf8.count <= EnrollmentJWT.maximumLength, segments.count == 3,
            segments.allSatisfy({ !$0.isEmpty && Base64URL.decode($0) != nil }),
            let claims = Base64URL.decode(segments[1])
        else {
            throw EnrollmentError(
                .inputInvalid, "the external JWT is no JWT: it must be three parts of base64url separated by dots",
                hint: "Check the source of the external JWT.")
        }
        self.text = trimmed
        let known = try? JSONDecoder().decode(Claims.self, from: Data(claims))
        let subject =
            if let known, let issuer = known.iss, let subject = known.sub { "\(issuer)\n\(subject)" } else { trimmed }
        subjectHash = Hexadecimal.encode(SHA256.hash(data: Array(subject.utf8)))
    }

    private struct Claims: Decodable {
        let iss: String?
        let sub: String?
    }
}

extension ExternalJWT: CustomStringConvertible, CustomReflectable {
    /// What it is, and nothing of it.
    public var description: String { "external JWT" }
    /// Nothing: `dump` does not show it either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
