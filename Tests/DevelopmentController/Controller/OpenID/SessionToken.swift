internal import FoundationEssentials

/// A token of an API session that began at the OpenID Connect endpoints: a JWT signed with the server's key.
struct SessionToken: Decodable, Sendable {
    enum Kind: String, Sendable {
        case access = "a"
        case refresh = "r"
    }

    /// `sub`: the identity.
    let sub: String
    let exp: Int
    /// The API session.
    let z_asid: String
    /// What the token is good for.
    let z_t: String
    /// The fingerprints of the certificates that the session is bound to.
    let z_cfs: [String]

    static let clientID = "openziti"
    static let accessSeconds = 1800
    static let refreshSeconds = 86_400

    /// Writes a token.
    static func make(
        _ kind: Kind, _ session: APISession, scopes: [String], issuer: String, authority: Authority, now: Date
    ) throws -> String {
        let lifetime = kind == .access ? accessSeconds : refreshSeconds
        let issued = Int(now.timeIntervalSince1970)
        return try compact(
            [
                "iss": .string(issuer), "sub": .string(session.identityID), "aud": [.string(clientID)],
                "exp": .number(issued + lifetime), "iat": .number(issued), "jti": .string(Identifier.token()),
                "scopes": .array(scopes.map { .string($0) }), "z_asid": .string(session.id),
                "z_aid": .string(session.authenticatorID), "z_t": .string(kind.rawValue),
                "z_cfs": .array(session.certificateFingerprint.map { [.string($0)] } ?? []),
                "z_ra": .string(session.ipAddress),
            ], authority)
    }

    /// Writes an ID token, which says who authenticated and grants nothing.
    static func makeIdentityToken(
        _ session: APISession, nonce: String?, issuer: String, authority: Authority, now: Date
    ) throws -> String {
        let issued = Int(now.timeIntervalSince1970)
        var claims: [JSON.Member] = [
            .init("iss", .string(issuer)), .init("sub", .string(session.identityID)),
            .init("aud", [.string(clientID)]), .init("exp", .number(issued + accessSeconds)),
            .init("iat", .number(issued)), .init("auth_time", .number(Int(session.createdAt.timeIntervalSince1970))),
        ]
        if let nonce { claims.append(.init("nonce", .string(nonce))) }
        claims += [.init("azp", .string(clientID)), .init("z_asid", .string(session.id))]
        return try compact(.object(claims), authority)
    }

    /// Reads a token of a kind that a controller of the network signed and that is still good; nil otherwise.
    static func read(_ text: String, _ kind: Kind, _ members: [Cluster.Member], now: Date) -> SessionToken? {
        struct Header: Decodable {
            let kid: String
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.bytes(parts[0]), let claims = Base64URL.bytes(parts[1]),
            let signature = Base64URL.bytes(parts[2]),
            let kid = try? JSONDecoder().decode(Header.self, from: Data(header)).kid,
            let key = members.first(where: { $0.fingerprint == kid })?.key,
            SignatureCheck.isJWS(
                signature, over: Array("\(parts[0]).\(parts[1])".utf8), algorithm: key.jwtAlgorithm,
                publicKeyDER: key.publicKeyDER),
            let token = try? JSONDecoder().decode(SessionToken.self, from: Data(claims)), token.z_t == kind.rawValue,
            now.timeIntervalSince1970 < Double(token.exp)
        else { return nil }
        return token
    }

    private static func compact(_ claims: JSON, _ authority: Authority) throws -> String {
        let header: JSON = [
            "alg": .string(authority.serverKey.jwtAlgorithm), "kid": .string(authority.serverFingerprint),
            "typ": "JWT",
        ]
        let signed = Base64URL.text(header.text.utf8) + "." + Base64URL.text(claims.text.utf8)
        return signed + "." + Base64URL.text(try authority.serverKey.jwtSignature(of: Array(signed.utf8)))
    }
}
