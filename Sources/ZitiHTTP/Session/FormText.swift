import KeyStoreCore

/// Names and values as queries and forms have them (application/x-www-form-urlencoded).
enum FormText {
    static func encode(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\(PercentEncoding.encode($0.name.utf8))=\(PercentEncoding.encode($0.value.utf8))" }
            .joined(separator: "&")
    }

    /// The one value of a name. Nil where there is none, where there are several, and for what cannot be decoded.
    static func value(of name: String, in text: Substring) -> String? {
        let values = text.split(separator: "&").compactMap { pair -> String? in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, decode(parts[0]) == name else { return nil }
            return decode(parts[1]) ?? ""
        }
        return values.count == 1 ? values[0] : nil
    }

    private static func decode(_ text: Substring) -> String? {
        guard let bytes = try? PercentEncoding.decode(text.replacing("+", with: " ")) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
