/// Writes tag-length-value triples (ISO 7816-4 §5.2.2.2), lengths in their shortest form; with a tag of DER it is DER.
enum TLV {
    static let integer: UInt16 = 0x02
    static let bitString: UInt16 = 0x03
    static let objectIdentifier: UInt16 = 0x06
    static let sequence: UInt16 = 0x30

    static func encode(_ tag: UInt16, _ value: some Collection<UInt8>) -> [UInt8] {
        var bytes = header(tag, count: value.count)
        bytes += value
        return bytes
    }

    /// The tag and the length of a value that follows.
    static func header(_ tag: UInt16, count: Int) -> [UInt8] {
        var bytes: [UInt8] = tag > 0xFF ? [UInt8(tag >> 8), UInt8(truncatingIfNeeded: tag)] : [UInt8(tag)]
        if count < 0x80 {
            bytes.append(UInt8(count))
        } else if count < 0x100 {
            bytes += [0x81, UInt8(count)]
        } else {
            precondition(count < 0x10000, "nothing that is sent to a card is as long")
            bytes += [0x82, UInt8(count >> 8), UInt8(truncatingIfNeeded: count)]
        }
        return bytes
    }

    /// A number that is not negative, as DER, from its big-endian bytes with or without leading zeros.
    static func unsignedInteger(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let significant = Array(bytes.drop { $0 == 0 })
        let needsZero = significant.first.map { $0 >= 0x80 } ?? true
        return encode(integer, (needsZero ? [0] : []) + significant)
    }
}
