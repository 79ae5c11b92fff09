/// The fixed text fields of PKCS #11: padded with blanks (2.40 §3), by some modules with NUL bytes.
enum PaddedText {
    /// The field's bytes without padding. `Field` is a tuple of bytes, as C arrays are imported.
    static func bytes<Field>(_ field: Field) -> [UInt8] {
        withUnsafeBytes(of: field) { bytes in
            let padding = bytes.reversed().prefix { $0 == 0x20 || $0 == 0 }.count
            return Array(bytes.dropLast(padding))
        }
    }
}
