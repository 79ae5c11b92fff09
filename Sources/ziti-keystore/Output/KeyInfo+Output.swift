import KeyStoreCore

extension KeyInfo {
    /// One line of a listing: reference, type, label, and whether a certificate stands beside the key.
    var line: String {
        let certificate = hasCertificate ? "certificate" : "no certificate"
        // Of an encrypted file nothing can be told without its passphrase.
        let unknown = protection.contains(.passphrase) ? "encrypted" : "other"
        return [
            uri.redacted, type.map { "\($0)" } ?? unknown, StandardStream.sanitised(label).replacingNewlines,
            certificate,
        ]
        .joined(separator: "\t")
    }

    /// The key as an item of JSON output.
    var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [("uri", .string(uri.redacted))]
        members += Self.members(of: type)
        members += [
            ("label", .string(label)), ("id", .hex(id)),
            ("publicKey", publicKey.map { .hex($0.der) } ?? .null),
            ("algorithms", .strings(algorithms.map { "\($0)" })),
            ("decryptions", .strings(decryptionAlgorithms.map { "\($0)" })), ("agrees", .bool(canAgree)),
            ("protection", .strings(protection.names)),
            ("hasPrivateKey", .bool(hasPrivateKey)), ("hasCertificate", .bool(hasCertificate)),
            ("isExtractable", .bool(isExtractable)), ("properties", properties.json),
        ]
        return .object(members)
    }

    /// `type`, and its parts in the words of JOSE (RFC 7518 §6, RFC 8037 §2).
    static func members(of type: KeyType?) -> [(name: String, value: JSONValue)] {
        guard let type else { return [("type", .null), ("kty", .null), ("crv", .null), ("size", .null)] }
        let parts: (kty: String, crv: String?, size: Int?) =
            switch type {
            case .ecP256: ("EC", "P-256", nil)
            case .ecP384: ("EC", "P-384", nil)
            case .ecP521: ("EC", "P-521", nil)
            case .rsa(let bits): ("RSA", nil, bits)
            case .ed25519: ("OKP", "Ed25519", nil)
            case .x25519: ("OKP", "X25519", nil)
            }
        return [
            ("type", .string("\(type)")), ("kty", .string(parts.kty)),
            ("crv", parts.crv.map { .string($0) } ?? .null), ("size", parts.size.map { .number($0) } ?? .null),
        ]
    }
}

extension KeyProtection {
    /// The names of what protects a key, in a fixed order.
    var names: [String] {
        [
            (KeyProtection.login, "login"), (.pinAlways, "pinAlways"), (.touch, "touch"), (.passphrase, "passphrase"),
        ].filter { contains($0.0) }.map(\.1)
    }
}
