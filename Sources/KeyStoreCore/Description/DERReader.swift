/// Reads tag-length-value triples of DER (X.690) from a slice, never past its end.
struct DERReader {
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let null: UInt8 = 0x05
    static let objectIdentifier: UInt8 = 0x06
    static let sequence: UInt8 = 0x30

    private(set) var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { bytes.isEmpty }

    /// The contents of the next value, which must have this tag. Throws `invalidReply` otherwise.
    mutating func read(tag: UInt8) throws(KeyStoreError) -> DERReader {
        guard bytes.popFirst() == tag, let length = readLength(), length <= bytes.count else {
            throw KeyStoreError(.invalidReply, "a DER value is malformed or cut short")
        }
        let contents = bytes.prefix(length)
        bytes = bytes.dropFirst(length)
        return DERReader(contents)
    }

    /// Lengths up to 65535 in their shortest form; nothing that this library reads is longer.
    private mutating func readLength() -> Int? {
        guard let first = bytes.popFirst() else { return nil }
        switch first {
        case 0..<0x80: return Int(first)
        case 0x81:
            guard let low = bytes.popFirst(), low >= 0x80 else { return nil }
            return Int(low)
        case 0x82:
            guard let high = bytes.popFirst(), let low = bytes.popFirst(), high > 0 else { return nil }
            return Int(high) << 8 | Int(low)
        default: return nil
        }
    }
}
