/// A PKCS#11 module's name: the library's without `lib` and suffix (RFC 7512 §2.3), or that of p11-kit's module file.
enum ModuleName {
    /// Whether a name is one, so that it cannot leave the folders in which it is looked for.
    static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "."), text.utf8.count <= 128 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "+"):
                true
            default: false
            }
        }
    }

    /// "softhsm2" for "libsofthsm2.so".
    static func withoutAffixes(_ file: String) -> String {
        guard file.hasSuffix(".so") else { return file }
        return String((file.hasPrefix("lib") ? file.dropFirst(3) : file[...]).dropLast(3))
    }
}
