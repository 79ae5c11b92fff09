/// Bytes as lower-case hexadecimal digits.
enum Hex {
    static func byte(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    static func encode(_ bytes: some Sequence<UInt8>) -> String { bytes.map(byte).joined() }
}
