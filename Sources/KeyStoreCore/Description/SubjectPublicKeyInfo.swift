/// Just enough DER to tell what kind of key a SubjectPublicKeyInfo holds. The core depends on no ASN.1 library, because it
/// is linked into every plugin and every host.
enum SubjectPublicKeyInfo {
    private static let ecPublicKey: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
    private static let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
    private static let x25519: [UInt8] = [0x2B, 0x65, 0x6E]
    private static let ed25519: [UInt8] = [0x2B, 0x65, 0x70]
    private static let curves: [[UInt8]: (type: KeyType, pointLength: Int)] = [
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]: (.ecP256, 65),
        [0x2B, 0x81, 0x04, 0x00, 0x22]: (.ecP384, 97),
        [0x2B, 0x81, 0x04, 0x00, 0x23]: (.ecP521, 133),
    ]

    static func keyType(of der: [UInt8]) throws(KeyStoreError) -> KeyType {
        guard der.count <= PublicKey.maximumLength else { throw malformed("it is too long") }
        var outer = DERReader(der[...])
        var info = try outer.read(tag: DERReader.sequence)
        guard outer.isAtEnd else { throw malformed("bytes follow it") }
        var algorithm = try info.read(tag: DERReader.sequence)
        let oid = Array(try algorithm.read(tag: DERReader.objectIdentifier).bytes)
        var key = try info.read(tag: DERReader.bitString)
        guard info.isAtEnd, key.bytes.first == 0 else { throw malformed("its bit string is malformed") }
        let bits = key.bytes.dropFirst()

        switch oid {
        case ecPublicKey:
            let curve = Array(try algorithm.read(tag: DERReader.objectIdentifier).bytes)
            guard algorithm.isAtEnd else { throw malformed("bytes follow its curve") }
            guard let known = curves[curve] else { throw unsupported("an elliptic curve") }
            // Only the uncompressed form (RFC 5480 §2.2) is used by the peers of this library.
            guard bits.count == known.pointLength, bits.first == 4 else { throw malformed("its point is malformed") }
            return known.type
        case rsaEncryption:
            // RFC 3279 §2.3.1 asks for NULL; some leave it out.
            if !algorithm.isAtEnd {
                let null = try algorithm.read(tag: DERReader.null)
                guard null.isAtEnd, algorithm.isAtEnd else { throw malformed("its parameters are malformed") }
            }
            key = DERReader(bits)
            var parts = try key.read(tag: DERReader.sequence)
            let modulus = try positive(parts.read(tag: DERReader.integer).bytes)
            _ = try positive(parts.read(tag: DERReader.integer).bytes)
            guard let first = modulus.first, key.isAtEnd, parts.isAtEnd else {
                throw malformed("its modulus is malformed")
            }
            return .rsa(bits: modulus.count * 8 - first.leadingZeroBitCount)
        case Self.ed25519, Self.x25519:
            let type: KeyType = oid == Self.x25519 ? .x25519 : .ed25519
            // RFC 8410 §3: no parameters.
            guard algorithm.isAtEnd, bits.count == 32 else { throw malformed("its \(type) key is not 32 bytes") }
            return type
        default:
            throw unsupported("a public key algorithm")
        }
    }

    /// The bytes of a positive integer in its shortest form (X.690 §8.3.2), without the zero that keeps it positive.
    private static func positive(_ integer: ArraySlice<UInt8>) throws(KeyStoreError) -> ArraySlice<UInt8> {
        guard let first = integer.first, first < 0x80 else { throw malformed("a number in it is not positive") }
        guard first == 0 else { return integer }
        guard let second = integer.dropFirst().first, second >= 0x80 else {
            throw malformed("a number in it is zero or not in its shortest form")
        }
        return integer.dropFirst()
    }

    private static func malformed(_ reason: String) -> KeyStoreError {
        KeyStoreError(.invalidReply, "the public key is not a valid SubjectPublicKeyInfo: \(reason)")
    }

    private static func unsupported(_ what: String) -> KeyStoreError {
        KeyStoreError(.unsupportedMechanism, "the public key uses \(what) that this library does not know")
    }
}
