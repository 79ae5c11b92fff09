internal import Crypto
internal import CryptoExtras

extension SigningKey {
    /// The public key as a JWK (RFC 7517) for signatures.
    func jwk(keyID: String) throws -> JSON {
        var members: [JSON.Member] = [.init("use", "sig")]
        switch self {
        case .rsa(let key):
            let numbers = try key.publicKey.getKeyPrimitives()
            members += [
                .init("kty", "RSA"), .init("kid", .string(keyID)), .init("alg", .string(jwtAlgorithm)),
                .init("n", .string(Base64URL.text(numbers.modulus))),
                .init("e", .string(Base64URL.text(numbers.publicExponent))),
            ]
        case .p256(let key): members += ellipticMembers(keyID, "P-256", key.publicKey.rawRepresentation)
        case .p384(let key): members += ellipticMembers(keyID, "P-384", key.publicKey.rawRepresentation)
        case .p521(let key): members += ellipticMembers(keyID, "P-521", key.publicKey.rawRepresentation)
        }
        return .object(members)
    }

    private func ellipticMembers(_ keyID: String, _ curve: String, _ point: some Collection<UInt8>) -> [JSON.Member] {
        let half = point.count / 2
        return [
            .init("kty", "EC"), .init("kid", .string(keyID)), .init("crv", .string(curve)),
            .init("alg", .string(jwtAlgorithm)), .init("x", .string(Base64URL.text(point.prefix(half)))),
            .init("y", .string(Base64URL.text(point.suffix(half)))),
        ]
    }
}
