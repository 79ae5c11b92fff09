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
        // On bytes, as every other reader of a URI does: a combining mark must not hide a separator from us.
        let bytes = text.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            throw invalid("a reference begins with a scheme and a colon, such as 'scheme:…'")
        }
        guard Self.isScheme(bytes[..<colon]) else { throw invalid("the reference does not begin with a valid scheme") }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw invalid("white space and control characters must be percent-encoded (a space is %20)")
        }
        scheme = text[..<colon].lowercased()
        let rest = bytes[bytes.index(after: colon)...]
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            path = String(decoding: rest[..<mark], as: UTF8.self)
            query = String(decoding: rest[rest.index(after: mark)...], as: UTF8.self)
        } else {
            path = String(decoding: rest, as: UTF8.self)
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

    /// The reference as text, secrets included where it holds any.
    public var text: String { "\(scheme):\(path)\(query.map { "?\($0)" } ?? "")" }

    /// The reference as text with its secrets masked.
    public var redacted: String { Self.redact(text) }

    /// RFC 3986 §3.1. Before any change of case, in which letters of other alphabets become ASCII.
    private static func isScheme(_ text: Substring.UTF8View) -> Bool {
        guard let first = text.first, isLetter(first) else { return false }
        return text.allSatisfy { byte in
            isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func attributes(
        of text: String, separator: Unicode.Scalar
    ) throws(KeyStoreError) -> [URIAttribute] {
        guard !text.isEmpty else { return [] }
        var attributes: [URIAttribute] = []
        for part in text.utf8.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false) {
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            guard !name.isEmpty else { throw KeyStoreError(.invalidURI, "an attribute of the reference has no name") }
            let value: String? =
                name.endIndex == part.endIndex
                ? nil : String(decoding: part[part.index(after: name.endIndex)...], as: UTF8.self)
            attributes.append(URIAttribute(name: String(decoding: name, as: UTF8.self), value: value))
        }
        return attributes
    }
}

extension KeyStoreURI: CustomStringConvertible {
    /// The reference with its secrets masked.
    public var description: String { redacted }
}
