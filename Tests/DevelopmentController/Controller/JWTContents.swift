public import FoundationEssentials

/// What an enrollment JWT says, so that a test can make one that is wrong in one way.
///
/// As made by the controller, header and claims are those the recordings have, in that order: `alg`, `kid`, `typ`;
/// `iss`, `sub`, `aud`, `exp`, `jti`, `em`, `ctrls`.
public struct JWTContents: Sendable {
    /// The header's `alg`; changing it does not change how the token is signed.
    public var algorithm: String
    /// The header's `kid`: the SHA-1 of the server's leaf; nil leaves it out, as old controllers do.
    public var keyID: String?
    /// `iss`: the controller's URL without a trailing slash.
    public var issuer: String
    /// `sub`: the identity's id.
    public var subject: String
    /// `exp`; nil leaves it out.
    public var expiresAt: Date?
    /// `jti`: the one-time token.
    public var token: String
    /// `em`: the enrollment method.
    public var method: String
    /// `ctrls`: addresses of control planes, which are no use to an enrolling client.
    public var controllers: [String]?
    /// `aud`.
    public var audience: [String]
    /// Whether the token is signed with the server's key, or with a fresh one of the same kind.
    public var isSignedByServer: Bool

    /// The compact form (RFC 7515 §7.1), signed.
    func compact(_ authority: Authority) throws -> String {
        var header: [JSON.Member] = [.init("alg", .string(algorithm))]
        if let keyID { header.append(.init("kid", .string(keyID))) }
        header.append(.init("typ", "JWT"))
        var claims: [JSON.Member] = [
            .init("iss", .string(issuer)), .init("sub", .string(subject)),
            .init("aud", .array(audience.map { .string($0) })),
        ]
        if let expiresAt { claims.append(.init("exp", .number(Int(expiresAt.timeIntervalSince1970)))) }
        claims.append(.init("jti", .string(token)))
        claims.append(.init("em", .string(method)))
        claims.append(.init("ctrls", controllers.map { .array($0.map { .string($0) }) } ?? .null))
        let signed =
            Base64URL.text(JSON.object(header).text.utf8) + "."
            + Base64URL.text(JSON.object(claims).text.utf8)
        let key = isSignedByServer ? authority.serverKey : try SigningKey(authority.keyType)
        return signed + "." + Base64URL.text(try key.jwtSignature(of: Array(signed.utf8)))
    }
}
