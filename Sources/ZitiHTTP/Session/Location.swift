/// Where an answer redirects to, or a document points to: an absolute URL, or a path on the same server.
struct Location: Hashable, Sendable {
    /// What stands before the path: `https://HOST:PORT`; empty for a path alone.
    let origin: String
    /// The path, at least "/".
    let path: String
    /// What follows the question mark; empty where there is nothing.
    let query: Substring

    /// Whether it is served by a controller, over TLS.
    var isOnController: Bool { origin.isEmpty || origin.lowercased().hasPrefix("https://") }

    /// The path and the query, as a request has them.
    var target: String { query.isEmpty ? path : "\(path)?\(query)" }

    /// Reads a location. Nil for one that is neither a URL with a host nor a path, is too long, or holds what has no place in
    /// a request line.
    init?(_ text: String) {
        guard text.utf8.count <= 8192, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return nil }
        let base = text.prefix { $0 != "#" }
        let beforeQuery = base.prefix { $0 != "?" }
        query = base[beforeQuery.endIndex...].dropFirst()
        if beforeQuery.hasPrefix("/") {
            guard !beforeQuery.hasPrefix("//") else { return nil }
            origin = ""
            path = String(beforeQuery)
            return
        }
        guard let mark = beforeQuery.firstRange(of: "://") else { return nil }
        let rest = beforeQuery[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        origin = String(beforeQuery[..<authority.endIndex])
        let path = rest[authority.endIndex...]
        self.path = path.isEmpty ? "/" : String(path)
    }
}
