import KeyStoreCore
import KeyStoreVerification

extension ComparisonResult {
    /// The paths as items of JSON output. Times are in microseconds.
    var json: [JSONValue] { findings.indices.map { json(of: $0) } }

    private func json(of index: Int) -> JSONValue {
        let finding = findings[index]
        let key = finding.key
        var members: [(name: String, value: JSONValue)] = [
            ("uri", .string(key.uri.redacted)), ("reference", .string(finding.path.reference.redacted)),
            ("backend", .string(finding.backend.name)), ("version", .string(finding.backend.version)),
            ("token", finding.token.json), ("sha256", .hex(finding.publicKey.sha256Fingerprint)),
        ]
        members += KeyInfo.members(of: finding.publicKey.type)
        members += [
            ("alg", .string("\(algorithm)")), ("openMicroseconds", .thousandths(finding.times.open)),
            ("loginMicroseconds", .thousandths(finding.times.login)),
            ("findMicroseconds", .thousandths(finding.times.find)),
            ("signMicroseconds", finding.signatures.json), ("calls", finding.calls?.json ?? .null),
            ("algorithms", .strings(key.algorithms.map { "\($0)" })),
            ("decryptions", .strings(key.decryptionAlgorithms.map { "\($0)" })), ("agrees", .bool(key.canAgree)),
            ("protection", .strings(key.protection.names)), ("isExtractable", .bool(key.isExtractable)),
            ("properties", key.properties.json),
            ("abilities", .strings(finding.backend.abilities.names)),
            ("onlyHere", .strings(findings.onlyFeatures(of: index).map(\.text))),
            ("wrongPIN", finding.wrongPIN?.json ?? .null), ("unplugged", finding.unplugged?.json ?? .null),
            ("replugged", finding.replugged?.json ?? .null),
        ]
        return .object(members)
    }
}

extension LatencyStatistics {
    fileprivate var json: JSONValue {
        .object([
            ("count", .number(count)), ("median", .thousandths(median)), ("p95", .thousandths(p95)),
            ("least", .thousandths(least)), ("most", .thousandths(most)),
        ])
    }
}

extension NativeCalls {
    fileprivate var json: JSONValue {
        .object([
            ("unit", .string(unit)), ("open", .number(steps.open)), ("login", .number(steps.login)),
            ("find", .number(steps.find)), ("sign", .number(sign)),
        ])
    }
}
