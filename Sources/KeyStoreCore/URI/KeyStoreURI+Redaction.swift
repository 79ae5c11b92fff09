extension KeyStoreURI {
    /// What stands in place of a secret.
    public static let mask = "***"

    /// The text with the value of every attribute masked whose name speaks of a PIN or passphrase, wherever it stands.
    /// Works on text that is no valid reference too, as that is what error messages are about.
    public static func redact(_ text: String) -> String {
        // On bytes: a combining mark must not hide a separator, as it does from `Character`.
        var result: [UInt8] = []
        var part: [UInt8] = []
        var masking = false

        func flush() {
            if part.contains(UInt8(ascii: "=")) {
                let secret = firstSecret(in: part)
                masking = secret != nil
                result += secret.map { Array(part[..<$0]) + mask.utf8 } ?? part
            } else {
                // A separator inside an unencoded secret cuts it in two; what follows may be the rest of it.
                result += masking && !part.isEmpty ? Array(mask.utf8) : part
            }
            part = []
        }

        for byte in text.utf8 {
            if byte == UInt8(ascii: "?") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "&") {
                flush()
                result.append(byte)
            } else {
                part.append(byte)
            }
        }
        flush()
        return String(decoding: result, as: UTF8.self)
    }

    /// Where the value begins of the first attribute in this part that is secret. In malformed text a part may hold several
    /// equals signs: "token=a pin-value=1234".
    private static func firstSecret(in part: [UInt8]) -> Int? {
        for equals in part.indices where part[equals] == UInt8(ascii: "=") {
            let before = part[..<equals]
            // What comes before a name, a path for one, does not belong to it.
            let name = before.suffix(while: { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "%") })
            // An escaped name is none that a plugin takes, but its value may be a PIN all the same.
            let decoded = (try? PercentEncoding.decode(String(decoding: name, as: UTF8.self))) ?? Array(name)
            if isSecret(name: String(decoding: decoded, as: UTF8.self)) { return equals + 1 }
        }
        return nil
    }

    private static func isSecret(name: String) -> Bool {
        // On bytes: listings redact every line, and the library's search for text in text takes as long as all the rest.
        let name = Array(name.lowercased().utf8)
        func holds(_ word: String, onlyAtEnd: Bool = false) -> Bool {
            let starts = 0...max(0, name.count - word.utf8.count)
            return (onlyAtEnd ? starts.suffix(1) : starts[...]).contains { name[$0...].starts(with: word.utf8) }
        }
        guard !holds("source", onlyAtEnd: true), !holds("pinfile", onlyAtEnd: true) else { return false }
        return holds("pin") || holds("puk") || holds("management") || holds("passphrase") || holds("password")
            || holds("secret")
    }
}

extension ArraySlice<UInt8> {
    /// The longest end of the slice whose bytes all satisfy the condition.
    fileprivate func suffix(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        var start = endIndex
        while start > startIndex, condition(self[start - 1]) { start -= 1 }
        return self[start...]
    }
}
