import KeyStoreCore

extension PKCS11URI {
    /// The reference in RFC 7512 form without a PIN: attributes in a fixed order, everything but unreserved characters
    /// escaped in upper case, every byte of an id escaped.
    func normalForm() throws(KeyStoreError) -> KeyStoreURI {
        var parts: [String] = []
        for attribute in PathAttribute.allCases {
            guard let value = path[attribute] else { continue }
            parts.append("\(attribute.rawValue)=\(PercentEncoding.encode(value, all: !attribute.isText))")
        }
        var query: [String] = []
        if let modulePath { query.append("module-path=\(Self.encodePath(modulePath))") }
        if let moduleName { query.append("module-name=\(PercentEncoding.encode(moduleName.utf8))") }
        if case .file(let file) = pin { query.append("pin-source=\(Self.encodePath(file))") }
        for attribute in QueryAttribute.allCases {
            guard let value = switches[attribute] else { continue }
            query.append("\(attribute.rawValue)=\(PercentEncoding.encode(value.utf8))")
        }
        let tail = query.isEmpty ? "" : "?" + query.joined(separator: "&")
        return try KeyStoreURI("pkcs11:\(parts.joined(separator: ";"))\(tail)")
    }

    /// What the reference says, for a person: ids as hexadecimal digits, a PIN masked.
    var attributes: [URIInfo.Attribute] {
        var attributes = PathAttribute.allCases.compactMap { name in
            path[name].map { value in
                URIInfo.Attribute(
                    name: name.rawValue, value: name.isText ? String(decoding: value, as: UTF8.self) : Hex.encode(value)
                )
            }
        }
        func add(_ name: QueryAttribute, _ value: String?) {
            if let value { attributes.append(URIInfo.Attribute(name: name.rawValue, value: value)) }
        }
        add(.modulePath, modulePath)
        add(.moduleName, moduleName)
        switch pin {
        case .file(let file): add(.pinSource, file)
        case .value: add(.pinValue, KeyStoreURI.mask)
        case nil: break
        }
        for name in QueryAttribute.allCases { add(name, switches[name]) }
        return attributes
    }

    /// A slash may stand in a query (RFC 7512 §2.3), and paths are easier to read with it.
    private static func encodePath(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { PercentEncoding.encode($0.utf8) }
            .joined(separator: "/")
    }
}
