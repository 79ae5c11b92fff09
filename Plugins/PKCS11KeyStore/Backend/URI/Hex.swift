/// Bytes as lower-case hexadecimal digits, as pkcs11-tool and OpenZiti's SDKs write ids.
enum Hex {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            text += byte < 16 ? "0" : ""
            text += String(byte, radix: 16)
        }
        return text
    }
}
