import CP11Kit
import KeyStoreCore

/// What was read of an object on a token. A handle is good for the session that found it.
struct ObjectRecord {
    static let maximumIDLength = 256
    static let maximumLabelLength = 1024

    let handle: CK_OBJECT_HANDLE
    let objectClass: CK_OBJECT_CLASS?
    let keyType: CK_KEY_TYPE?
    /// CKA_ID, empty where there is none.
    let id: [UInt8]
    /// CKA_LABEL, empty where there is none.
    let label: [UInt8]
    let curve: Curve?
    /// CKA_EC_POINT as the module gives it.
    let point: [UInt8]?
    let modulus: [UInt8]?
    let publicExponent: [UInt8]?
    /// CKA_PUBLIC_KEY_INFO: the whole SubjectPublicKeyInfo.
    let publicKeyInfo: [UInt8]?
    let isExtractable: Bool
    let alwaysAuthenticates: Bool
    let canSign: Bool
    let canDecrypt: Bool
    let canDerive: Bool
    /// CKA_ALLOWED_MECHANISMS; every mechanism where the object has no such list.
    let allowedMechanisms: Mechanisms
    let isPrivateObject: Bool

    var isPrivateKey: Bool { objectClass == CKO_PRIVATE_KEY }
    var isPublicKey: Bool { objectClass == CKO_PUBLIC_KEY }
    var isCertificate: Bool { objectClass == CKO_CERTIFICATE }

    /// A reader for what a record consists of. Lengths hold for all usual keys; longer values cost a second call.
    static func makeReader() -> AttributeReader {
        AttributeReader(
            [
                (CKA_CLASS, 8), (CKA_KEY_TYPE, 8), (CKA_ID, 64), (CKA_LABEL, 128), (CKA_EC_PARAMS, 32),
                (CKA_EC_POINT, 160),
                (CKA_MODULUS, 2048), (CKA_PUBLIC_EXPONENT, 8), (CKA_EXTRACTABLE, 1), (CKA_ALWAYS_AUTHENTICATE, 1),
                (CKA_SIGN, 1), (CKA_PRIVATE, 1), (CKA_PUBLIC_KEY_INFO, 640),
                (CKA_DECRYPT, 1), (CKA_DERIVE, 1), (CKA_ALLOWED_MECHANISMS, 512),
            ], varying: [CKA_ID, CKA_LABEL])
    }

    /// Takes over what the reader has read of the object.
    init(_ handle: CK_OBJECT_HANDLE, _ reader: AttributeReader) throws(KeyStoreError) {
        self.handle = handle
        objectClass = reader.number(0)
        keyType = reader.number(1)
        id = reader.bytes(2) ?? []
        label = reader.bytes(3) ?? []
        curve = reader.bytes(4).flatMap { Curve(parameters: $0) }
        point = reader.bytes(5)
        modulus = reader.bytes(6)
        publicExponent = reader.bytes(7)
        isExtractable = reader.flag(8) ?? false
        alwaysAuthenticates = reader.flag(9) ?? false
        // A key that says nothing of a use is tried.
        canSign = reader.flag(10) ?? true
        canDecrypt = reader.flag(13) ?? true
        canDerive = reader.flag(14) ?? true
        allowedMechanisms = Mechanisms(allowed: reader.bytes(15) ?? [])
        isPrivateObject = reader.flag(11) ?? true
        publicKeyInfo = reader.bytes(12)
        guard id.count <= Self.maximumIDLength, label.count <= Self.maximumLabelLength else {
            throw KeyStoreError(
                .invalidReply, "an object's id or label is longer than this library reads", operation: "read object")
        }
    }
}
