internal import FoundationEssentials

/// An external JWT that a signer vouches for.
struct ExternalToken: Sendable {
    /// `sub`: what the signer calls its bearer.
    let subject: String
    let signer: TokenSigner

    private struct Header: Decodable {
        var alg: String
    }

    private struct Claims: Decodable {
        var iss: String?
        var sub: String?
        var exp: Double?
        var nbf: Double?
    }

    /// Reads the value of an `Authorization` header; nil if it is no bearer's token that one of the signers made.
    ///
    /// The signer is the one of an id, or else the one whose issuer the token names. The algorithm is one of those that
    /// fit the signer's key. The audience is not looked at.
    init?(authorization: String, signerID: String?, _ signers: [TokenSigner], now: Date) {
        guard authorization.hasPrefix("Bearer ") else { return nil }
        let parts = authorization.dropFirst(7).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.bytes(parts[0]), let payload = Base64URL.bytes(parts[1]),
            let signature = Base64URL.bytes(parts[2]),
            let algorithm = try? JSONDecoder().decode(Header.self, from: Data(header)).alg,
            let claims = try? JSONDecoder().decode(Claims.self, from: Data(payload))
        else { return nil }
        let seconds = now.timeIntervalSince1970
        guard let signer = signers.first(where: { signerID == nil ? $0.issuer == claims.iss : $0.id == signerID }),
            let key = ExternalToken.publicKeyDER(signer.publicKeyPEM),
            SignatureCheck.isJWS(
                signature, over: Array("\(parts[0]).\(parts[1])".utf8), algorithm: algorithm, publicKeyDER: key),
            claims.exp.map({ seconds < $0 }) ?? true, claims.nbf.map({ seconds >= $0 }) ?? true,
            let subject = claims.sub, !subject.isEmpty
        else { return nil }
        self.subject = subject
        self.signer = signer
    }

    /// The key that is in a PEM text as such, or in a certificate.
    static func publicKeyDER(_ pem: String) -> [UInt8]? {
        guard let (der, _) = PEM.decode(pem) else { return nil }
        if let certificate = try? CertificateFields(der: der) { return Array(certificate.publicKeyDER) }
        return (try? PublicKeyFields(der: der)) == nil ? nil : der
    }
}
