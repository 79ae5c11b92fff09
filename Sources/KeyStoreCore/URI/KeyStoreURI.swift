/// A reference to a key, a token or a store: a scheme, and attributes that only the scheme's plugin understands.
///
/// `scheme:path?query`, where path attributes are separated by `;` and query attributes by `&`, as RFC 7512 §2.3 has it.
/// A number sign has no meaning of its own.
public struct KeyStoreURI: Hashable, Sendable {
    /// The longest reference that is read, in bytes.
    public static let maximumLength = 8192

    /// The scheme in lower case.
    public let scheme: String
    /// What stands between the scheme's colon and the first question mark, as written.
    public let path: String
    /// What stands after the first question mark, as written; nil where there is none.
    public let query: String?

    /// Reads a reference. Throws `invalidURI` if it has no scheme, is too long, or holds control characters or raw white
    /// space, which other readers would drop silently.
    public init(_ text: String) throws(KeyStoreError) {
        func invalid(_ reason: String) -> KeyStoreError {
            KeyStoreError(.invalidURI, reason, operation: "read reference", subject: text)
        }
        guard text.utf8.count <= Self.maximumLength else {
            throw KeyStoreError(
                .invalidURI, "the reference is longer than \(Self.maximumLength) bytes", operation: "read reference")
        }
        guard let colon = text.firstIndex(of: ":") else {
            throw invalid("a reference begins with a scheme and a colon, such as 'scheme:…'")
        }
        let scheme = text[..<colon].lowercased()
        guard Self.isScheme(scheme) else { throw invalid("the reference does not begin with a valid scheme") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw invalid("white space and control characters must be percent-encoded (a space is %20)")
        }
        self.scheme = scheme
        let rest = text[text.index(after: colon)...]
        if let mark = rest.firstIndex(of: "?") {
            path = String(rest[..<mark])
            query = String(rest[rest.index(after: mark)...])
        } else {
            path = String(rest)
            query = nil
        }
    }

    private init(scheme: String, path: String, query: String?) {
        self.scheme = scheme
        self.path = path
        self.query = query
    }

    /// The attributes of the path, in order. Throws `invalidURI` for one that has no name.
    public func pathAttributes() throws(KeyStoreError) -> [URIAttribute] {
        try Self.attributes(of: path, separator: ";")
    }

    /// The attributes of the query, in order. Throws `invalidURI` for one that has no name.
    public func queryAttributes() throws(KeyStoreError) -> [URIAttribute] {
        try Self.attributes(of: query ?? "", separator: "&")
    }

    /// The decoded text of a query attribute, or nil where it is absent. Throws `invalidURI` if it is given twice.
    public func queryText(_ name: String) throws(KeyStoreError) -> String? {
        let found = try queryAttributes().filter { $0.name == name }
        guard found.count <= 1 else {
            throw KeyStoreError(
                .invalidURI, "the attribute '\(name)' is given twice", operation: "read reference", subject: text)
        }
        return try found.first?.text()
    }

    /// The same reference without the query attributes of these names.
    public func removingQueryAttributes(_ names: Set<String>) -> KeyStoreURI {
        guard let query else { return self }
        let kept = query.split(separator: "&").filter { part in
            !names.contains(String(part.prefix { $0 != "=" }))
        }
        return KeyStoreURI(scheme: scheme, path: path, query: kept.isEmpty ? nil : kept.joined(separator: "&"))
    }

    /// The reference as text, secrets included where it holds any.
    public var text: String { "\(scheme):\(path)\(query.map { "?\($0)" } ?? "")" }

    /// The reference as text with its secrets masked.
    public var redacted: String { Self.redact(text) }

    private static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            byte != UInt8(ascii: "~") && byte != UInt8(ascii: "_")
                && (PercentEncoding.isUnreserved(byte) || byte == UInt8(ascii: "+"))
        }
    }

    private static func attributes(
        of text: String, separator: Character
    ) throws(KeyStoreError) -> [URIAttribute] {
        guard !text.isEmpty else { return [] }
        var attributes: [URIAttribute] = []
        for part in text.split(separator: separator, omittingEmptySubsequences: false) {
            let name = part.prefix { $0 != "=" }
            guard !name.isEmpty else { throw KeyStoreError(.invalidURI, "an attribute of the reference has no name") }
            let value = name.endIndex == part.endIndex ? nil : String(part[part.index(after: name.endIndex)...])
            attributes.append(URIAttribute(name: String(name), value: value))
        }
        return attributes
    }
}

extension KeyStoreURI: CustomStringConvertible {
    /// The reference with its secrets masked.
    public var description: String { redacted }
}
