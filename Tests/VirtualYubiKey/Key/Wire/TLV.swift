/// One element of BER-TLV (ISO/IEC 7816-4 §5.2.2) as the PIV applet uses it: tags of one byte or two, definite lengths.
struct TLV {
    var tag: UInt16
    var value: [UInt8]

    init(_ tag: UInt16, _ value: [UInt8]) {
        self.tag = tag
        self.value = value
    }

    /// The element as bytes.
    var encoded: [UInt8] {
        var bytes = tag > 0xFF ? [UInt8(tag >> 8), UInt8(tag & 0xFF)] : [UInt8(tag)]
        switch value.count {
        case ..<0x80: bytes.append(UInt8(value.count))
        case ..<0x100: bytes += [0x81, UInt8(value.count)]
        default: bytes += [0x82, UInt8(value.count >> 8), UInt8(value.count & 0xFF)]
        }
        return bytes + value
    }

    /// The elements one after the other; nothing may be left. Throws `wrongData`.
    static func parse(_ bytes: [UInt8]) throws(StatusWord) -> [TLV] {
        var rest = bytes[...]
        var elements: [TLV] = []
        while !rest.isEmpty { elements.append(try next(&rest)) }
        return elements
    }

    /// The one element of this tag that the bytes consist of. Throws `wrongData`.
    static func only(_ tag: UInt16, in bytes: [UInt8]) throws(StatusWord) -> [UInt8] {
        let elements = try parse(bytes)
        guard elements.count == 1, elements[0].tag == tag else { throw .wrongData }
        return elements[0].value
    }

    private static func next(_ rest: inout ArraySlice<UInt8>) throws(StatusWord) -> TLV {
        var tag = UInt16(try byte(&rest))
        if tag & 0x1F == 0x1F { tag = tag << 8 | UInt16(try byte(&rest)) }
        var length = Int(try byte(&rest))
        if length >= 0x80 {
            guard length == 0x81 || length == 0x82 else { throw .wrongData }
            let count = length - 0x80
            length = 0
            for _ in 0..<count { length = length << 8 | Int(try byte(&rest)) }
        }
        guard rest.count >= length else { throw .wrongData }
        defer { rest = rest.dropFirst(length) }
        return TLV(tag, Array(rest.prefix(length)))
    }

    private static func byte(_ rest: inout ArraySlice<UInt8>) throws(StatusWord) -> UInt8 {
        guard let first = rest.popFirst() else { throw .wrongData }
        return first
    }
}

extension [TLV] {
    /// The value of the first element with the tag.
    subscript(tag tag: UInt16) -> [UInt8]? { first { $0.tag == tag }?.value }

    /// All elements as bytes.
    var encoded: [UInt8] { flatMap(\.encoded) }
}
