import KeyStoreCore

/// The form that OpenZiti's Go and C SDKs read: a library, and `slot`, `id` (hexadecimal), `label` and `pin` in the query.
///
/// The two SDKs disagree about much of it. Where they do, this reads what both mean, or says what each would do.
extension PKCS11URI {
    /// A path that begins with a slash, or one word that is no attribute followed by a query. RFC 7512 has neither.
    static func isOpenZitiForm(_ uri: KeyStoreURI) -> Bool {
        uri.path.hasPrefix("/") || (uri.query != nil && !uri.path.isEmpty && !uri.path.contains("="))
    }

    mutating func readOpenZitiForm(_ uri: KeyStoreURI) throws(KeyStoreError) {
        try readLibrary(uri.path)
        var slot: OpenZitiSlot?
        var seen: Set<String> = []
        for attribute in try uri.queryAttributes() {
            if ["slot", "id", "label", "pin"].contains(attribute.name), !seen.insert(attribute.name).inserted {
                throw Self.invalid("the attribute '\(attribute.name)' is given twice")
            }
            if attribute.name != "pin", attribute.name != QueryAttribute.pinValue.rawValue {
                try Self.refuseSecret(in: attribute)
            }
            switch attribute.name {
            case "slot": slot = OpenZitiSlot(try attribute.text())
            case "id": path[.id] = try Self.hexID(try attribute.text())
            case "label": path[.object] = try label(attribute)
            case "pin": try readPIN(attribute)
            case QueryAttribute.modulePath.rawValue, QueryAttribute.moduleName.rawValue:
                throw Self.invalid("the module is named twice, before and behind the question mark")
            default: try readQuery(attribute)
            }
        }
        if let slot { try apply(slot, attributes: try uri.queryAttributes()) }
        warnings.append("This is OpenZiti's own form of a PKCS#11 reference; its RFC 7512 form is \(try normalForm()).")
    }

    private mutating func readLibrary(_ written: String) throws(KeyStoreError) {
        try Self.refuseSecret(in: URIAttribute(name: "library path", value: written))
        let name = written.drop { $0 == "/" }
        let firstAttribute = String(name.prefix { $0 != "=" })
        if firstAttribute.endIndex != name.endIndex, PathAttribute(rawValue: firstAttribute) != nil, name.contains("=")
        {
            throw Self.invalid("leave the slashes away: 'pkcs11:\(firstAttribute)=…'")
        }
        if written.hasPrefix("//") && !written.hasPrefix("///") {
            guard !name.contains("/") else {
                throw Self.invalid("a library's absolute path needs three slashes: 'pkcs11:///\(name)'")
            }
            moduleName = try Self.libraryName(name)
        } else if written.hasPrefix("/") {
            // One slash or three: the path is absolute either way.
            let path = written.hasPrefix("///") ? String(written.dropFirst(2)) : written
            modulePath = try Self.modulePath(try URIAttribute(name: "library path", value: path).text())
        } else {
            moduleName = try Self.libraryName(name)
        }
    }

    private static func libraryName(_ text: Substring) throws(KeyStoreError) -> String {
        let text = try URIAttribute(name: "library name", value: String(text)).text()
        return try moduleName(ModuleName.withoutAffixes(text))
    }

    /// Digits in pairs. With an odd count Go drops the key's last half byte silently, and C reads it.
    private static func hexID(_ text: String) throws(KeyStoreError) -> [UInt8] {
        let digits = Array(text.utf8)
        guard !digits.isEmpty, digits.count % 2 == 0 else {
            throw invalid("'id' must be an even number of hexadecimal digits here; RFC 7512 writes it 'id=%01'")
        }
        guard digits.count / 2 <= PathAttribute.id.maximumLength else {
            throw invalid("the value of 'id' is longer than \(PathAttribute.id.maximumLength) bytes")
        }
        var id: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
            // Swift's own reader takes a sign.
            guard pair.utf8.first != UInt8(ascii: "+"), pair.utf8.first != UInt8(ascii: "-"),
                let byte = UInt8(pair, radix: 16)
            else {
                throw invalid("'id' must be hexadecimal digits here; RFC 7512 writes it 'id=%01'")
            }
            id.append(byte)
        }
        return id
    }

    private mutating func label(_ attribute: URIAttribute) throws(KeyStoreError) -> [UInt8] {
        let label = Array(try attribute.text().utf8)
        guard label.count <= PathAttribute.object.maximumLength else {
            throw Self.invalid("the value of 'label' is longer than \(PathAttribute.object.maximumLength) bytes")
        }
        if attribute.value?.contains("%") == true {
            warnings.append("The C SDK does not decode percent signs in 'label'; here they are decoded.")
        }
        return label
    }

    /// A PIN that the SDKs read differently is not sent in either reading, as a wrong one costs a try.
    private mutating func readPIN(_ attribute: URIAttribute) throws(KeyStoreError) {
        let bytes = try attribute.bytes()
        let written = Array((attribute.value ?? "").utf8)
        guard bytes == written, !written.contains(UInt8(ascii: "+")), !written.contains(UInt8(ascii: "@")) else {
            throw Self.invalid(
                "the Go and C SDKs read this 'pin' differently, for it has a '%', '+' or '@' in it; use 'pin-source' or 'pin-value'"
            )
        }
        try setPIN(.value(try Self.pin(bytes)))
    }

    private mutating func apply(_ slot: OpenZitiSlot, attributes: [URIAttribute]) throws(KeyStoreError) {
        guard namesObject else {
            guard let agreed = slot.agreed else {
                let cReading = slot.cReading.map(String.init) ?? "nothing"
                throw Self.invalid(
                    "'slot' alone selects nothing here, because the Go SDK reads slot \(slot.goReading) and the C SDK slot "
                        + "\(cReading); write it with 0x, or select by 'id'")
            }
            path[.slotID] = Array(String(agreed).utf8)
            return
        }
        slotHint = slot.agreed
        warnings.append("'slot' is only a hint beside an id or label, because slot numbers move.")
    }
}
