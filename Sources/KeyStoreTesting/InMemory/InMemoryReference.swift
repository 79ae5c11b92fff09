import KeyStoreCore

/// A `memory:` reference: `memory:TOKEN`, then `;object=` and `;id=`.
struct InMemoryReference {
    let token: String
    let label: String?
    let id: [UInt8]?
    let unknown: [String]

    init(_ uri: KeyStoreURI) throws(KeyStoreError) {
        var attributes = try uri.pathAttributes()
        guard !attributes.isEmpty, attributes[0].value == nil else {
            throw KeyStoreError(
                .invalidURI, "a reference of this scheme begins with a token's name", operation: "read reference",
                subject: uri.text)
        }
        token = try URIAttribute(name: "token", value: attributes.removeFirst().name).text()
        var label: String?
        var id: [UInt8]?
        for attribute in attributes {
            switch attribute.name {
            case "object" where label == nil: label = try attribute.text()
            case "id" where id == nil: id = try attribute.bytes()
            default:
                throw KeyStoreError(
                    .invalidURI, "the path attribute '\(attribute.name)' is not known, or is given twice",
                    operation: "read reference", subject: uri.text)
            }
        }
        self.label = label
        self.id = id
        unknown = try uri.queryAttributes().map(\.name).filter { $0 != "backend" }
    }

    init(token: String, label: String?, id: [UInt8]?) {
        self.token = token
        self.label = label
        self.id = id
        unknown = []
    }

    /// The normal form.
    var uri: KeyStoreURI {
        get throws(KeyStoreError) {
            var text = "memory:\(PercentEncoding.encode(token.utf8))"
            if let id { text += ";id=\(PercentEncoding.encode(id, all: true))" }
            if let label { text += ";object=\(PercentEncoding.encode(label.utf8))" }
            return try KeyStoreURI(text)
        }
    }
}
