/// A Swift source file, as far as its imports and string literals go.
struct Source {
    let text: String
    init(_ text: String) { self.text = text }

    /// The modules that are imported, whatever stands before the word.
    var imports: [String] {
        text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ").map(String.init)
            guard let position = words.firstIndex(of: "import"),
                words[..<position].allSatisfy({ $0.hasPrefix("@") || Self.modifiers.contains($0) })
            else { return nil }
            words.removeFirst(position + 1)
            if let first = words.first, Self.kinds.contains(first) { words.removeFirst() }
            return words.first.map { String($0.prefix { $0 != "." && $0 != ";" }) }
        }
    }

    private static let modifiers: Set<String> = ["public", "internal", "package", "fileprivate", "private"]
    private static let kinds: Set<String> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor",
    ]

    /// The lines, by number, that name one of the schemes in a string literal. Comments and texts of several lines, which
    /// help is written in, do not count; nor do whole commands, which are examples too.
    func lines(naming schemes: Set<String>) -> [Int] {
        var isInText = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { number, line in
            let code = line.drop { $0 == " " }
            if code.split(separator: "\"\"\"", omittingEmptySubsequences: false).count == 2 {
                isInText.toggle()
                return nil
            }
            guard !isInText, !code.hasPrefix("//"), !code.contains("ziti-keystore ") else { return nil }
            let names = schemes.contains { code.contains("\"\($0):") || code.contains("\"\($0)\"") }
            return names ? number + 1 : nil
        }
    }
}
