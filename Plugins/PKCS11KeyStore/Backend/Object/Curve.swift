import KeyStoreCore

/// The curves whose keys this backend uses, as CKA_EC_PARAMS names them.
enum Curve: CaseIterable {
    case p256
    case p384
    case p521
    case ed25519
    case x25519

    /// The curve of a CKA_EC_PARAMS value: an object identifier, or since PKCS #11 3.0 a name in a PrintableString. Modules
    /// rewrite one to the other, so that values are never compared as bytes. Nil for an unknown curve.
    init?(parameters: [UInt8]) {
        guard let curve = Self.allCases.first(where: { $0.spellings.contains(parameters) }) else { return nil }
        self = curve
    }

    /// The curve that keys of a type use; nil for RSA.
    init?(_ type: KeyType) {
        switch type {
        case .ecP256: self = .p256
        case .ecP384: self = .p384
        case .ecP521: self = .p521
        case .ed25519: self = .ed25519
        case .x25519: self = .x25519
        case .rsa: return nil
        }
    }

    var keyType: KeyType {
        switch self {
        case .p256: .ecP256
        case .p384: .ecP384
        case .p521: .ecP521
        case .ed25519: .ed25519
        case .x25519: .x25519
        }
    }

    /// The object identifier in DER.
    var identifier: [UInt8] {
        switch self {
        case .p256: [6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7]
        case .p384: [6, 5, 0x2B, 0x81, 4, 0, 0x22]
        case .p521: [6, 5, 0x2B, 0x81, 4, 0, 0x23]
        case .ed25519: [6, 3, 0x2B, 0x65, 0x70]
        case .x25519: [6, 3, 0x2B, 0x65, 0x6E]
        }
    }

    /// The length of a coordinate, of half a signature and of a shared secret, in bytes.
    var coordinateLength: Int {
        switch self {
        case .p256, .ed25519, .x25519: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// Whether it is one of RFC 8410's, which have one form of points, and identifiers that stand for the algorithm too.
    var isCurve25519: Bool { self == .ed25519 || self == .x25519 }

    /// The length of a public point: uncompressed where that is a choice.
    var pointLength: Int { isCurve25519 ? 32 : 2 * coordinateLength + 1 }

    /// Every value of CKA_EC_PARAMS that means the curve; the first one is what this backend writes.
    var spellings: [[UInt8]] {
        [identifier] + (self == .ed25519 ? [Self.oldEd25519Identifier] : [])
            + names.map { DERWriter.value(Self.printableString, Array($0.utf8)) }
    }

    private var names: [String] {
        switch self {
        case .p256: ["secp256r1", "prime256v1"]
        case .p384: ["secp384r1"]
        case .p521: ["secp521r1"]
        case .ed25519: ["edwards25519"]
        case .x25519: ["curve25519"]
        }
    }

    private static let printableString: UInt8 = 0x13
    /// 1.3.6.1.4.1.11591.15.1, from before RFC 8410 gave the curve its own.
    private static let oldEd25519Identifier: [UInt8] = [6, 9, 0x2B, 6, 1, 4, 1, 0xDA, 0x47, 0x0F, 1]

    /// The point of a CKA_EC_POINT value. The standard wraps it in an OCTET STRING; older modules and some vendors give it
    /// raw, and drafts of 3.0 had a BIT STRING for Ed25519. A raw point begins with 04 as well, so that the length decides.
    func point(_ value: [UInt8]) -> [UInt8]? {
        let wrappings: [[UInt8]] = [
            [], DERWriter.value(DERWriter.octetString, [UInt8](repeating: 0, count: pointLength)).dropLast(pointLength),
            [DERWriter.bitString, UInt8(truncatingIfNeeded: pointLength + 1), 0],
        ]
        for wrapping in wrappings where value.count == wrapping.count + pointLength && value.starts(with: wrapping) {
            let point = Array(value.dropFirst(wrapping.count))
            if isCurve25519 || point.first == 4 { return point }
        }
        return nil
    }
}
