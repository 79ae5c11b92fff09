/// Writes the few DER values (X.690) that a public key consists of.
enum DERWriter {
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let sequence: UInt8 = 0x30

    /// A value with its tag and its length in the shortest form.
    static func value(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
        let count = contents.count
        var bytes: [UInt8] = [tag]
        bytes.reserveCapacity(count + 6)
        if count < 0x80 {
            bytes.append(UInt8(count))
        } else {
            let length = withUnsafeBytes(of: UInt32(count).bigEndian) { Array($0.drop { $0 == 0 }) }
            bytes.append(0x80 | UInt8(length.count))
            bytes += length
        }
        return bytes + contents
    }

    /// A number that is not negative, from its big-endian bytes with or without leading zeros.
    static func unsignedInteger(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let significant = bytes.drop { $0 == 0 }
        let needsZero = significant.first.map { $0 >= 0x80 } ?? true
        return value(integer, (needsZero ? [0] : []) + Array(significant))
    }
}
