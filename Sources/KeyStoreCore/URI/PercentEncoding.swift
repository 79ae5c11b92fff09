/// Percent-encoding as RFC 3986 §2.1 defines it, on bytes.
public enum PercentEncoding {
    /// The bytes that the text stands for. Throws `invalidURI` for a percent sign without two hexadecimal digits.
    public static func decode(_ text: some StringProtocol) throws(KeyStoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue) else {
                throw KeyStoreError(.invalidURI, "a percent sign must be followed by two hexadecimal digits")
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// The bytes as text in which everything but the unreserved characters (RFC 3986 §2.3) is encoded, and every byte where
    /// `all` is set, as is usual for binary values.
    public static func encode(_ bytes: some Sequence<UInt8>, all: Bool = false) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            if !all && isUnreserved(byte) {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    /// Whether the byte is one of the unreserved characters of RFC 3986 §2.3, which mean the same encoded or not.
    public static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
