import KeyStoreCore

extension PIVURI {
    /// The reference as a `piv:` one without a PIN: attributes in a fixed order, the slot in lower-case hexadecimal digits.
    func normalForm() throws(KeyStoreError) -> KeyStoreURI {
        var path: [String] = []
        if let serial { path.append("serial=\(serial)") }
        if let slot { path.append("slot=\(slot.text)") }
        if let reader { path.append("reader=\(PercentEncoding.encode(reader.utf8))") }
        var query: [String] = []
        if case .file(let file) = pin {
            query.append(
                "pin-source=\(file.split(separator: "/", omittingEmptySubsequences: false).map { PercentEncoding.encode($0.utf8) }.joined(separator: "/"))"
            )
        }
        if let backend { query.append("backend=\(PercentEncoding.encode(backend.utf8))") }
        let tail = query.isEmpty ? "" : "?" + query.joined(separator: "&")
        return try KeyStoreURI("\(Self.scheme):\(path.joined(separator: ";"))\(tail)")
    }

    /// What the reference says, for a person; a PIN masked.
    var attributes: [URIInfo.Attribute] {
        var attributes: [URIInfo.Attribute] = []
        func add(_ name: String, _ value: String?) {
            if let value { attributes.append(URIInfo.Attribute(name: name, value: value)) }
        }
        add("serial", serial.map { String($0) })
        add("guid", guid.map { Hex.encode($0) })
        add("slot", slots.map { slots in slots.map(\.text).joined(separator: " or ") })
        add("reader", reader)
        switch pin {
        case .file(let file): add(QueryAttribute.pinSource.rawValue, file)
        case .value: add(QueryAttribute.pinValue.rawValue, KeyStoreURI.mask)
        case nil: break
        }
        add(QueryAttribute.backend.rawValue, backend)
        return attributes
    }
}
