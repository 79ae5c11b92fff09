import KeyStoreCore

@testable import ziti_keystore

/// Findings as a comparison might have them, without a key behind them.
enum ComparisonSample {
    static func finding(
        _ number: Int, name: String = "sample", algorithms: [SignatureAlgorithm] = [.ecdsaP256SHA256],
        abilities: Ability = [], properties: [KeyInfo.Property] = [],
        times: KeySteps<Int> = KeySteps(open: 1_000_000, login: 200_000, find: 30_000),
        signatures: [Int] = [40_000, 50_000, 60_000]
    ) throws -> PathFinding {
        let uri = try KeyStoreURI("sample:object=\(number)")
        return PathFinding(
            path: try ComparisonPath(number: number, reference: uri, backend: name),
            backend: BackendInfo(name: name, version: "1.0", schemes: [name], abilities: abilities),
            token: TokenInfo(uri: uri, label: "sample"),
            key: KeyInfo(uri: uri, type: .ecP256, algorithms: algorithms, properties: properties),
            publicKey: try publicKey, calls: nil, times: times,
            signatures: LatencyStatistics(signatures))
    }

    /// SubjectPublicKeyInfo of the generator of P-256.
    private static var publicKey: PublicKey {
        get throws {
            let hex =
                "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0"
                + "f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
            return try PublicKey(der: Hexadecimal.bytes(hex) ?? [])
        }
    }
}
