import CLibCrypto

/// A private key in memory, in OpenSSL's hands. Unlike a real YubiKey's it can be read by whoever reads the state file.
///
/// Refusals are status words, as the applet would answer them.
final class SoftwareKey: @unchecked Sendable {
    // OpenSSL's key is not changed after it was made, and may be used by several threads.
    let algorithm: KeyAlgorithm
    let pointer: OpaquePointer

    /// Takes over the reference.
    init(adopting pointer: OpaquePointer, _ algorithm: KeyAlgorithm) {
        self.algorithm = algorithm
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }

    // MARK: Making

    static func generate(_ algorithm: KeyAlgorithm) throws(StatusWord) -> SoftwareKey {
        let context = EVP_PKEY_CTX_new_from_name(nil, algorithm.opensslName, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1 else { throw .failure }
        if let bits = algorithm.rsaBits {
            guard EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1 else { throw .failure }
        } else if let curve = algorithm.curve {
            guard EVP_PKEY_CTX_set_group_name(context, curve.name) == 1 else { throw .failure }
        }
        var key: OpaquePointer?
        guard EVP_PKEY_generate(context, &key) == 1, let key else { throw .failure }
        return SoftwareKey(adopting: key, algorithm)
    }

    /// The elements of IMPORT KEY: primes and exponents of an RSA key (01 to 05), or the number of a curve's (06 to 08).
    static func imported(_ algorithm: KeyAlgorithm, _ elements: [TLV]) throws(StatusWord) -> SoftwareKey {
        switch algorithm {
        case .rsa1024, .rsa2048, .rsa3072, .rsa4096:
            return try decode(algorithm, EVP_PKEY_RSA, try RSAImport.privateKeyDER(algorithm, elements))
        case .p256, .p384:
            guard let scalar = elements[tag: 0x06], scalar.count == algorithm.curve?.length,
                let oid = algorithm.curveOID
            else { throw .wrongData }
            // SEC 1 §C.4 without the public point, which OpenSSL then computes.
            let contents = [2, 1, 1] + TLV(0x04, scalar).encoded + TLV(0xA0, oid).encoded
            return try decode(algorithm, EVP_PKEY_EC, TLV(0x30, contents).encoded)
        case .ed25519, .x25519:
            let isSigner = algorithm == .ed25519
            guard let raw = elements[tag: isSigner ? 0x07 : 0x08], raw.count == 32,
                let key = EVP_PKEY_new_raw_private_key(isSigner ? EVP_PKEY_ED25519 : EVP_PKEY_X25519, nil, raw, 32)
            else { throw .wrongData }
            return SoftwareKey(adopting: key, algorithm)
        }
    }

    private static func decode(
        _ algorithm: KeyAlgorithm, _ type: Int32, _ der: [UInt8]
    ) throws(StatusWord) -> SoftwareKey {
        let key = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var next = buffer.baseAddress
            return d2i_PrivateKey(type, nil, &next, buffer.count)
        }
        guard let key else { throw .wrongData }
        return SoftwareKey(adopting: key, algorithm)
    }

    // MARK: PKCS#8

    /// Reads an unencrypted PKCS#8 key, DER. Throws `wrongData` for one of another kind than the applet has.
    convenience init(pkcs8 der: [UInt8]) throws(StatusWord) {
        let key = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var next = buffer.baseAddress
            return d2i_AutoPrivateKey(nil, &next, buffer.count)
        }
        guard let key else { throw .wrongData }
        guard let algorithm = KeyAlgorithm.allCases.first(where: { $0.describes(key) }) else {
            EVP_PKEY_free(key)
            throw .wrongData
        }
        self.init(adopting: key, algorithm)
    }

    /// The key as unencrypted PKCS#8, DER.
    var pkcs8: [UInt8] {
        let info = EVP_PKEY2PKCS8(pointer)
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        return DER.encode(i2d_PKCS8_PRIV_KEY_INFO, info)
    }

    // MARK: The public key

    /// As a SubjectPublicKeyInfo, DER.
    var publicKeyDER: [UInt8] { DER.encode(i2d_PUBKEY, pointer) }

    /// As the applet shows it: modulus (81) and exponent (82), or the point (86).
    var publicKeyElements: [TLV] {
        if algorithm.rsaBits != nil {
            return [TLV(0x81, number(OSSL_PKEY_PARAM_RSA_N)), TLV(0x82, number(OSSL_PKEY_PARAM_RSA_E))]
        }
        var point = [UInt8](repeating: 0, count: 133)
        var count = 0
        EVP_PKEY_get_octet_string_param(pointer, OSSL_PKEY_PARAM_PUB_KEY, &point, point.count, &count)
        return [TLV(0x86, Array(point.prefix(count)))]
    }

    private func number(_ name: String) -> [UInt8] {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(pointer, name, &number) == 1 else { return [] }
        defer { BN_free(number) }
        return BigNumber.bytes(number)
    }
}

extension KeyAlgorithm {
    var opensslName: String {
        switch self {
        case .rsa1024, .rsa2048, .rsa3072, .rsa4096: "RSA"
        case .p256, .p384: "EC"
        case .ed25519: "ED25519"
        case .x25519: "X25519"
        }
    }

    /// Whether a key of OpenSSL's is of this kind.
    func describes(_ key: OpaquePointer) -> Bool {
        guard EVP_PKEY_is_a(key, opensslName) == 1 else { return false }
        if let rsaBits { return Int(EVP_PKEY_get_bits(key)) == rsaBits }
        guard let curve else { return true }
        var name = [CChar](repeating: 0, count: 80)
        var length = 0
        EVP_PKEY_get_group_name(key, &name, name.count, &length)
        return name.prefix(length).map { UInt8(bitPattern: $0) } == Array(curve.name.utf8)
    }
}
