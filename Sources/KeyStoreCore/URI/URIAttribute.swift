/// One `name=value` of a URI, still percent-encoded.
public struct URIAttribute: Hashable, Sendable {
    /// The name as written. Names are case-sensitive (RFC 7512 §2.3).
    public var name: String
    /// The value as written, percent-encoded; nil where there was no equals sign.
    public var value: String?

    /// Makes an attribute from its written parts.
    public init(name: String, value: String?) {
        self.name = name
        self.value = value
    }

    /// The value's bytes. Throws `invalidURI`, naming the attribute, for a bad escape or a missing value.
    public func bytes() throws(KeyStoreError) -> [UInt8] {
        guard let value else { throw KeyStoreError(.invalidURI, "the attribute '\(name)' has no value") }
        do {
            return try PercentEncoding.decode(value)
        } catch {
            throw KeyStoreError(.invalidURI, "in the attribute '\(name)', \(error.message)")
        }
    }

    /// The value as text. Throws `invalidURI`, naming the attribute, for a bad escape or what is not UTF-8.
    public func text() throws(KeyStoreError) -> String {
        guard let text = String(validating: try bytes(), as: UTF8.self) else {
            throw KeyStoreError(.invalidURI, "the attribute '\(name)' is not UTF-8 text")
        }
        return text
    }
}
