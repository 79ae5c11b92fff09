/// The fixed text fields of PKCS #11: padded with blanks (2.40 §3), by some modules with NUL bytes.
enum PaddedText {
    /// The field's bytes without padding. `Field` is a tuple of bytes, as C arrays are imported.
    static func bytes<Field>(_ field: Field) -> [UInt8] {
        withUnsafeBytes(of: field) { trimmed(Array($0)) }
    }

    /// The bytes without padding.
    static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.dropLast(bytes.reversed().prefix { $0 == 0x20 || $0 == 0 }.count))
    }
}
