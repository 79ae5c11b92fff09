import CP11Kit

@testable import PKCS11KeyStore

/// Values that real modules give, so that an input reaches what lies behind the first checks.
enum PlausibleValue {
    static func of(_ type: CK_ATTRIBUTE_TYPE, _ script: inout Script) -> [UInt8] {
        switch type {
        case CKA_CLASS:
            number(script.choice([CKO_PRIVATE_KEY, CKO_PUBLIC_KEY, CKO_CERTIFICATE, CKO_SECRET_KEY, CKO_DATA]))
        case CKA_KEY_TYPE: number(script.choice([CKK_EC, CKK_RSA, CKK_EC_EDWARDS, CKK_AES]))
        case CKA_ID, CKA_LABEL: script.choice([[], [1], [2], Array("key".utf8), [UInt8](repeating: 0xFF, count: 64)])
        case CKA_EC_PARAMS: script.choice(Curve.allCases.flatMap(\.spellings) + [[6, 3, 0x2B, 0x65, 0x71], [5, 0]])
        case CKA_EC_POINT: point(script.choice(Curve.allCases), &script)
        case CKA_MODULUS:
            script.choice([[], [0]]) + script.choice([[], [0xC0], [1]])
                + [UInt8](repeating: 0x5A, count: script.choice([0, 127, 255, 256, 511, 1024, 2047]))
        case CKA_PUBLIC_EXPONENT:
            script.choice([[1, 0, 1], [3], [], [0, 1, 0, 1], [UInt8](repeating: 0xFF, count: 8)])
        case CKA_PUBLIC_KEY_INFO: publicKeyInfo(script.choice(Curve.allCases))
        case CKA_ALLOWED_MECHANISMS:
            script.choice([[], number(CKM_ECDSA), number(CKM_ECDSA) + number(CKM_RSA_PKCS), [1, 2, 3]])
        case CKA_EXTRACTABLE, CKA_ALWAYS_AUTHENTICATE, CKA_SIGN, CKA_PRIVATE, CKA_DECRYPT, CKA_DERIVE:
            [script.choice([0, 1, 0xFF])]
        default: number(script.number(1))
        }
    }

    private static func number(_ value: CK_ULONG) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    private static func point(_ curve: Curve, _ script: inout Script) -> [UInt8] {
        let point = [4] + [UInt8](repeating: 0x11, count: curve.pointLength - 1)
        return switch script.byte() % 3 {
        case 0: point
        case 1: DERWriter.value(DERWriter.octetString, point)
        default: DERWriter.value(DERWriter.bitString, [0] + point)
        }
    }

    private static func publicKeyInfo(_ curve: Curve) -> [UInt8] {
        let ecPublicKey: [UInt8] = [6, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1]
        let algorithm = curve == .ed25519 ? curve.identifier : ecPublicKey + curve.identifier
        let point = [4] + [UInt8](repeating: 0x11, count: curve.pointLength - 1)
        return DERWriter.value(
            DERWriter.sequence,
            DERWriter.value(DERWriter.sequence, algorithm) + DERWriter.value(DERWriter.bitString, [0] + point))
    }
}
