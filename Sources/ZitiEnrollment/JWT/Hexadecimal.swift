import Crypto

/// Lower-case hexadecimal digits.
enum Hexadecimal {
    /// Two digits for each byte.
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// SHA-256 of the text.
    static func hash(_ text: String) -> String { encode(SHA256.hash(data: Array(text.utf8))) }
}
