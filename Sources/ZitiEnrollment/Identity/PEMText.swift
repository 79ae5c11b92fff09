/// PEM as identity files hold it: with `pem:` before it in Go's dialect, bare in that of the C SDK.
enum PEMText {
    /// What stands before PEM text in a reference.
    static let prefix = "pem:"

    /// Whether the text is PEM in either form.
    static func isPEM(_ text: String) -> Bool {
        text.hasPrefix(prefix) || text.drop(while: \.isWhitespace).hasPrefix("-----BEGIN")
    }

    /// The text without the prefix; nil if it is no PEM.
    static func strip(_ text: String) -> String? {
        guard isPEM(text) else { return nil }
        return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    }
}
