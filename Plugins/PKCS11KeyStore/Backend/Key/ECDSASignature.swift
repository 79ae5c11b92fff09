/// An ECDSA signature in the form that certificates and TLS use (RFC 3279 §2.2.3).
enum ECDSASignature {
    /// The DER of r‖s, two numbers of the same length as PKCS #11 gives them. Made in one piece of memory, because this is
    /// done for every signature.
    static func der(_ raw: UnsafeRawBufferPointer) -> [UInt8] {
        let r = UnsafeRawBufferPointer(rebasing: raw[..<(raw.count / 2)])
        let s = UnsafeRawBufferPointer(rebasing: raw[(raw.count / 2)...])
        let (rStart, rLength) = shape(r)
        let (sStart, sLength) = shape(s)
        // Two numbers of 66 bytes at most: their lengths fit one byte each, the sequence's may need two.
        let contents = 4 + rLength + sLength
        let header = contents < 0x80 ? 2 : 3
        return [UInt8](unsafeUninitializedCapacity: header + contents) { buffer, count in
            var next = 0
            func put(_ byte: UInt8) {
                buffer[next] = byte
                next += 1
            }
            put(DERWriter.sequence)
            if header == 3 { put(0x81) }
            put(UInt8(contents))
            for (number, start, length) in [(r, rStart, rLength), (s, sStart, sLength)] {
                put(DERWriter.integer)
                put(UInt8(length))
                if length > number.count - start { put(0) }
                for index in start..<number.count { put(number[index]) }
            }
            count = next
        }
    }

    /// Where the number begins behind its leading zeros, and its length as a DER INTEGER, which is one more where the first
    /// bit would read as a sign.
    private static func shape(_ number: UnsafeRawBufferPointer) -> (start: Int, length: Int) {
        var start = 0
        while start < number.count - 1, number[start] == 0 { start += 1 }
        return (start, number.count - start + (number[start] >= 0x80 ? 1 : 0))
    }
}
