import CP11Kit
import KeyStoreCore

extension ObjectRecord {
    /// The kind of key; nil for one that this library cannot use.
    var type: KeyType? {
        switch keyType {
        case CKK_RSA:
            guard let modulus, let first = modulus.drop(while: { $0 == 0 }).first else { return nil }
            return .rsa(bits: modulus.drop { $0 == 0 }.count * 8 - first.leadingZeroBitCount)
        default: return Self.type(ofKeyType: keyType, curve)
        }
    }

    /// What an elliptic curve key is by its CKA_KEY_TYPE and its curve; nil for one of which they contradict each other.
    static func type(ofKeyType keyType: CK_KEY_TYPE?, _ curve: Curve?) -> KeyType? {
        switch keyType {
        case CKK_EC: curve?.keyType
        case montgomery: curve == .x25519 ? .x25519 : nil
        // SoftHSM has X25519 keys among those of Edwards curves.
        default: isEdwards(keyType) && curve?.isCurve25519 == true ? curve?.keyType : nil
        }
    }

    /// CKK_EC_MONTGOMERY of PKCS #11 3.0, which p11-kit's header does not have.
    static let montgomery: CK_KEY_TYPE = 0x41

    /// Whether the key is of a type that stands for Edwards curves. CKK_EC may have one too.
    private static func isEdwards(_ keyType: CK_KEY_TYPE?) -> Bool {
        EdwardsForm.allCases.contains { $0 != .ep11 && $0.keyType == keyType }
    }

    /// The public key, where the object itself has all of it. Throws `invalidReply` for one that cannot be right.
    func publicKey() throws(KeyStoreError) -> PublicKey? {
        switch Self.isEdwards(keyType) || keyType == Self.montgomery ? CKK_EC : keyType {
        case CKK_RSA:
            guard let modulus, let publicExponent else { return nil }
            return try PublicKey(der: Self.rsa(modulus, publicExponent))
        case CKK_EC:
            // A key whose type and curve contradict each other is none that this library can use.
            guard let curve, curve.keyType == type else { return nil }
            guard let value = self.point else { break }
            guard let point = curve.point(value) else {
                throw KeyStoreError(
                    .invalidReply, "the module gives a public point of \(value.count) bytes that is malformed",
                    operation: "read public key")
            }
            return try PublicKey(der: Self.elliptic(curve, point))
        default: return nil
        }
        guard let publicKeyInfo else { return nil }
        let key = try PublicKey(der: publicKeyInfo)
        guard key.type == type else {
            throw KeyStoreError(
                .invalidReply, "a key's CKA_PUBLIC_KEY_INFO is of another type than the key",
                operation: "read public key")
        }
        return key
    }

    /// RFC 3279 §2.3.1.
    private static func rsa(_ modulus: [UInt8], _ exponent: [UInt8]) -> [UInt8] {
        let key = DERWriter.value(
            DERWriter.sequence, DERWriter.unsignedInteger(modulus) + DERWriter.unsignedInteger(exponent))
        return subjectPublicKeyInfo(algorithm: rsaEncryption, key: key)
    }

    /// RFC 5480 §2, and RFC 8410 §4 for Ed25519 and X25519.
    private static func elliptic(_ curve: Curve, _ point: [UInt8]) -> [UInt8] {
        subjectPublicKeyInfo(
            algorithm: curve.isCurve25519 ? curve.identifier : ecPublicKey + curve.identifier, key: point)
    }

    private static func subjectPublicKeyInfo(algorithm: [UInt8], key: [UInt8]) -> [UInt8] {
        DERWriter.value(
            DERWriter.sequence,
            DERWriter.value(DERWriter.sequence, algorithm) + DERWriter.value(DERWriter.bitString, [0] + key))
    }

    private static let rsaEncryption: [UInt8] = [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 5, 0]
    private static let ecPublicKey: [UInt8] = [6, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1]
}
