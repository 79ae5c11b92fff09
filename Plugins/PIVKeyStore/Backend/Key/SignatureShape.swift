/// Whether what the card gave can be a signature of a key's.
enum SignatureShape {
    static func fits(_ signature: [UInt8], _ kind: Algorithm) -> Bool {
        switch kind {
        case .p256: isECDSA(signature, coordinateLength: 32)
        case .p384: isECDSA(signature, coordinateLength: 48)
        case .ed25519: signature.count == 64
        case .x25519: false
        default: signature.count == kind.modulusLength
        }
    }

    /// A sequence of two positive numbers (RFC 3279 §2.2.3) that are no longer than the curve's coordinates.
    private static func isECDSA(_ signature: [UInt8], coordinateLength: Int) -> Bool {
        guard let contents = try? TLVReader.only(TLV.sequence, in: signature) else { return false }
        var reader = TLVReader(contents)
        for _ in 0..<2 {
            guard let number = try? reader.next(), number.tag == TLV.integer, let first = number.value.first,
                first < 0x80, number.value.contains(where: { $0 != 0 }),
                number.value.count <= coordinateLength + (first == 0 ? 1 : 0)
            else { return false }
        }
        return (try? reader.next()) == .some(nil)
    }
}
