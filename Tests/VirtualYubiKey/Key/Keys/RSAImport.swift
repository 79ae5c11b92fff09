import CLibCrypto

/// Puts an RSA key together from what IMPORT KEY carries, which leaves out modulus and exponents.
enum RSAImport {
    /// The key as RSAPrivateKey (RFC 8017 §A.1.2). Throws `wrongData` for numbers of the wrong length, and for ones that do
    /// not belong together with the exponent 65537, which a YubiKey takes for granted.
    static func privateKeyDER(_ algorithm: KeyAlgorithm, _ elements: [TLV]) throws(StatusWord) -> [UInt8] {
        let half = (algorithm.rsaBits ?? 0) / 16
        let parts = (0x01...0x05).compactMap { elements[tag: $0] }
        guard parts.count == 5, parts.allSatisfy({ $0.count == half }) else { throw .wrongData }
        let context = BN_CTX_new()
        defer { BN_CTX_free(context) }
        let (p, q, exponent) = (BigNumber(parts[0]), BigNumber(parts[1]), BigNumber(parts[2]))
        let (modulus, phi, d) = (BigNumber([]), BigNumber([]), BigNumber([]))
        let (p1, q1, remainder) = (BigNumber(parts[0]), BigNumber(parts[1]), BigNumber([]))
        let e = BigNumber([1, 0, 1])
        // OpenSSL is given pointers, which do not keep the numbers alive.
        defer { withExtendedLifetime([p, q, exponent, modulus, phi, d, p1, q1, remainder, e]) {} }
        guard BN_mul(modulus.pointer, p.pointer, q.pointer, context) == 1,
            BN_num_bits(modulus.pointer) == Int32(algorithm.rsaBits ?? 0),
            BN_sub_word(p1.pointer, 1) == 1, BN_sub_word(q1.pointer, 1) == 1,
            BN_mul(phi.pointer, p1.pointer, q1.pointer, context) == 1,
            BN_mod_inverse(d.pointer, e.pointer, phi.pointer, context) != nil,
            BN_div(nil, remainder.pointer, d.pointer, p1.pointer, context) == 1,
            BN_cmp(remainder.pointer, exponent.pointer) == 0
        else { throw .wrongData }
        let numbers = [[0], modulus.bytes, e.bytes, d.bytes] + parts
        return TLV(0x30, numbers.flatMap { TLV(0x02, DER.unsigned($0)).encoded }).encoded
    }
}
