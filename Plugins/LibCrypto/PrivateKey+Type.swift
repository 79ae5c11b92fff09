import CLibCrypto
import KeyStoreCore

extension PrivateKey {
    /// What kind of key this is. Puts an elliptic curve key into the form whose public key names its curve and whose point
    /// is uncompressed (RFC 5480 §2.1.1, §2.2), whatever the file had: TLS and X.509 peers accept no other.
    static func type(of key: OpaquePointer) throws(KeyStoreError) -> KeyType {
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA:
            let bits = Int(EVP_PKEY_get_bits(key))
            try checkRSA(bits: bits)
            return .rsa(bits: bits)
        case EVP_PKEY_ED25519:
            return .ed25519
        case EVP_PKEY_X25519:
            return .x25519
        case EVP_PKEY_EC:
            let curve = groupName(of: key)
            guard let type = KeyType.generatable.first(where: { $0.opensslCurve == curve }) else {
                throw unsupported("an EC key on the curve '\(curve.prefix(40))'")
            }
            guard EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "named_curve") == 1,
                EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") == 1
            else { throw ErrorQueue.failure(in: "EVP_PKEY_set_utf8_string_param") }
            return type
        default:
            let name = EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unnamed"
            throw unsupported("a key of type \(name.prefix(40))")
        }
    }

    static func checkRSA(bits: Int) throws(KeyStoreError) {
        guard (minimumRSABits...maximumRSABits).contains(bits) else {
            throw KeyStoreError(
                .unsupportedMechanism,
                "RSA keys have between \(minimumRSABits) and \(maximumRSABits) bits here, and not \(bits)")
        }
    }

    static func unsupported(_ what: String) -> KeyStoreError {
        KeyStoreError(
            .unsupportedMechanism,
            "\(what) cannot be used; EC keys on P-256, P-384 and P-521, RSA, Ed25519 and X25519 keys can")
    }

    private static func groupName(of key: OpaquePointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 80) { buffer in
            var length = 0
            guard EVP_PKEY_get_group_name(key, buffer.baseAddress, buffer.count, &length) == 1,
                let start = buffer.baseAddress
            else { return "" }
            return String(cString: start)
        }
    }
}

extension KeyType {
    /// The name under which OpenSSL makes keys of this type.
    var opensslName: String {
        switch self {
        case .ecP256, .ecP384, .ecP521: "EC"
        case .rsa: "RSA"
        case .ed25519: "ED25519"
        case .x25519: "X25519"
        }
    }

    /// OpenSSL's name of the curve, nil for what has none to choose.
    var opensslCurve: String? {
        switch self {
        case .ecP256: "prime256v1"
        case .ecP384: "secp384r1"
        case .ecP521: "secp521r1"
        case .rsa, .ed25519, .x25519: nil
        }
    }
}
