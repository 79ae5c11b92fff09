public import FoundationEssentials

/// An enrollment JWT: the signed file that an administrator hands out. Whoever holds it can enroll, so it is a secret; its
/// description does not show it.
///
/// Reading one checks its form only. Who signed it is known once the controller that it names has presented its
/// certificate.
public struct EnrollmentJWT: Sendable {
    /// The longest JWT that is read, in bytes.
    public static let maximumLength = 65_536
    /// The longest one-time token, in bytes; real ones are UUIDs of 36.
    static let maximumTokenLength = 512

    /// The controller that signed it, and that enrolls: `iss`.
    public let controller: ControllerAddress
    /// The identity's identifier: `sub`.
    public let identityID: String
    /// How it is redeemed: `em`.
    public let method: EnrollmentMethod
    /// When it expires: `exp`. Nil for methods that have no expiry.
    public let expiry: Date?

    /// The one-time token: `jti`.
    let token: String
    /// SHA-1 of the signing certificate, in hexadecimal digits, where the header names it.
    let keyID: String?
    let algorithm: JWTAlgorithm
    let signedBytes: [UInt8]
    let signature: [UInt8]

    /// Reads a JWT in its compact form (RFC 7515 §7.1). White space and a byte order mark around it are ignored. Throws `jwtMalformed`, saying what
    /// is wrong without repeating the JWT. A method that this version does not enroll with is not an error yet.
    public init(_ text: String) throws(EnrollmentError) {
        guard text.utf8.count <= Self.maximumLength else {
            throw Self.malformed("is longer than \(Self.maximumLength) bytes")
        }
        let trimmed = text.drop(while: Self.isAround).reversed().drop(while: Self.isAround).reversed()
        let segments = String(trimmed).split(separator: ".", omittingEmptySubsequences: false)
        guard segments.count == 3, segments.allSatisfy({ !$0.isEmpty }) else {
            throw Self.malformed("does not have three parts separated by dots")
        }
        guard let headerBytes = Base64URL.decode(segments[0]), let claimBytes = Base64URL.decode(segments[1]),
            let signature = Base64URL.decode(segments[2])
        else { throw Self.malformed("has a part that is not base64url") }
        let header: Header = try Self.decode(headerBytes, "header")
        let claims: Claims = try Self.decode(claimBytes, "claims")

        guard let algorithm = JWTAlgorithm(rawValue: header.alg) else {
            throw Self.malformed("is signed with an algorithm other than RS256, ES256, ES384 and ES512")
        }
        // RFC 7515 §4.1.11: what is not understood must not be passed over.
        guard header.crit == nil else {
            throw Self.malformed("demands that more is understood than this version does ('crit')")
        }
        guard let controller = ControllerAddress(claims.iss) else {
            throw Self.malformed("names no controller: 'iss' must be https://HOST:PORT")
        }
        guard Self.isPlain(claims.sub, maximumLength: 64) || EnrollmentMethod(rawValue: claims.em) == .network else {
            throw Self.malformed("names no identity: 'sub' must be 1 to 64 printable characters")
        }
        guard let token = claims.jti, Self.isPlain(token, maximumLength: Self.maximumTokenLength) else {
            throw Self.malformed("holds no one-time token ('jti')")
        }
        method = EnrollmentMethod(rawValue: claims.em)
        if let exp = claims.exp {
            guard exp.isFinite, (0..<1e11).contains(exp) else {
                throw Self.malformed("has an impossible expiry ('exp')")
            }
            expiry = Date(timeIntervalSince1970: exp)
        } else {
            guard !method.mustExpire else { throw Self.malformed("has no expiry ('exp')") }
            expiry = nil
        }
        self.controller = controller
        identityID = claims.sub
        self.token = token
        keyID = header.kid?.lowercased()
        self.algorithm = algorithm
        signedBytes = Array("\(segments[0]).\(segments[1])".utf8)
        self.signature = signature
    }

    /// Whether the text is a JWT rather than the name of a file that holds one: three parts of base64url, of which the first
    /// two are JSON objects.
    public static func looksLikeOne(_ text: String) -> Bool {
        let segments = text.split(separator: ".", omittingEmptySubsequences: false)
        return segments.count == 3
            && segments.prefix(2).allSatisfy { Base64URL.decode($0)?.first == UInt8(ascii: "{") }
            && Base64URL.decode(segments[2]) != nil
    }

    /// SHA-256 of the one-time token in hexadecimal digits: names the enrollment without giving it away.
    var tokenHash: String { Hexadecimal.hash(token) }

    /// Throws `jwtExpired` if the expiry lies more than a minute, which clocks may differ by, before `now`.
    func requireCurrent(at now: Date) throws(EnrollmentError) {
        guard let expiry, now.timeIntervalSince(expiry) > 60 else { return }
        throw EnrollmentError(
            .jwtExpired, "the enrollment JWT expired at \(expiry.formatted(.iso8601))",
            hint: "Ask for a new one, or check this machine's clock.")
    }

    // Editors and shells of other systems put a byte order mark in front of text that they save.
    static func isAround(_ character: Character) -> Bool { character.isWhitespace || character == "\u{FEFF}" }

    private struct Header: Decodable {
        let alg: String
        let kid: String?
        let crit: [String]?
    }

    private struct Claims: Decodable {
        let iss: String
        let sub: String
        let exp: Double?
        let jti: String?
        let em: String
    }

    private static func decode<Part: Decodable>(_ bytes: [UInt8], _ what: String) throws(EnrollmentError) -> Part {
        do {
            return try JSONDecoder().decode(Part.self, from: Data(bytes))
        } catch DecodingError.keyNotFound(let key, _) {
            throw malformed("lacks '\(key.stringValue)' in its \(what)")
        } catch {
            throw malformed("has \(what) that cannot be read")
        }
    }

    private static func malformed(_ reason: String) -> EnrollmentError {
        EnrollmentError(
            .jwtMalformed, "the enrollment JWT \(reason)",
            hint: "Check that the file is the one the administrator handed out, whole and unchanged.")
    }

    private static func isPlain(_ text: String, maximumLength: Int) -> Bool {
        (1...maximumLength).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }
}

extension EnrollmentJWT: CustomStringConvertible, CustomReflectable {
    /// Whom it is for and where, without the one-time token.
    public var description: String { "enrollment JWT of \(identityID) at \(controller)" }
    /// Nothing: `dump` does not show the token either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
