import KeyStoreCore

/// Reads tag-length-value triples (ISO 7816-4 §5.2.2.2, of which DER is a part) from a slice, never past its end. Everything that
/// a card answers goes through here.
struct TLVReader {
    /// A value with its tag, which has one or two bytes.
    struct Field: Equatable {
        let tag: UInt16
        let value: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Sequence<UInt8>) { rest = ArraySlice(bytes) }

    /// The next field, or nil at the end. Throws `invalidReply` for one that is malformed or reaches beyond the end.
    mutating func next() throws(KeyStoreError) -> Field? {
        guard let first = rest.popFirst() else { return nil }
        var tag = UInt16(first)
        if first & 0x1F == 0x1F {
            guard let second = rest.popFirst(), second & 0x80 == 0 else { throw Self.malformed("a tag") }
            tag = tag << 8 | UInt16(second)
        }
        guard let length = readLength() else { throw Self.malformed("a length") }
        guard length <= rest.count else {
            throw KeyStoreError(.invalidReply, "the card's answer is shorter than the lengths in it say")
        }
        let value = rest.prefix(length)
        rest = rest.dropFirst(length)
        return Field(tag: tag, value: value)
    }

    /// Up to 65535, not always in the shortest form: cards pad them.
    private mutating func readLength() -> Int? {
        guard let first = rest.popFirst() else { return nil }
        switch first {
        case 0..<0x80: return Int(first)
        case 0x81: return rest.popFirst().map { Int($0) }
        case 0x82:
            guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
            return Int(high) << 8 | Int(low)
        default: return nil
        }
    }

    /// All fields, each tag once. Throws for a tag that comes twice, as it would not be clear which counts.
    static func fields(_ bytes: some Sequence<UInt8>) throws(KeyStoreError) -> [UInt16: [UInt8]] {
        var reader = TLVReader(bytes)
        var fields: [UInt16: [UInt8]] = [:]
        while let field = try reader.next() {
            guard fields.updateValue(Array(field.value), forKey: field.tag) == nil else {
                throw malformed("a field that comes twice")
            }
        }
        return fields
    }

    /// The value of the one field that there is, which must have this tag.
    static func only(_ tag: UInt16, in bytes: some Sequence<UInt8>) throws(KeyStoreError) -> [UInt8] {
        var reader = TLVReader(bytes)
        guard let field = try reader.next(), field.tag == tag, reader.rest.isEmpty else {
            throw malformed("a field that is another one than was asked for")
        }
        return Array(field.value)
    }

    static func malformed(_ what: String) -> KeyStoreError {
        KeyStoreError(.invalidReply, "the card's answer is malformed: \(what)")
    }
}
