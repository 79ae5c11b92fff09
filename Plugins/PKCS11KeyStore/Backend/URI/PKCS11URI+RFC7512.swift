import KeyStoreCore
import KeyStorePlugin

extension PKCS11URI {
    /// Reads RFC 7512 §2.3 strictly: every attribute once, in its own part, and spelt as it is there.
    mutating func readRFC7512(_ uri: KeyStoreURI) throws(KeyStoreError) {
        for attribute in try uri.pathAttributes() { try readPath(attribute) }
        for attribute in try uri.queryAttributes() { try readQuery(attribute) }
    }

    private mutating func readPath(_ attribute: URIAttribute) throws(KeyStoreError) {
        guard let name = PathAttribute(rawValue: attribute.name) else {
            throw Self.invalid(Self.reasonAgainstPathAttribute(attribute.name))
        }
        guard path[name] == nil else { throw Self.invalid("the attribute '\(name.rawValue)' is given twice") }
        try Self.refuseSecret(in: attribute)
        let bytes = try attribute.bytes()
        guard bytes.count <= name.maximumLength else {
            throw Self.invalid("the value of '\(name.rawValue)' is longer than \(name.maximumLength) bytes")
        }
        switch name {
        case .id: path[name] = bytes
        case .type:
            guard ObjectType(rawValue: try attribute.text()) != nil else {
                let known = ObjectType.allCases.map(\.rawValue).joined(separator: ", ")
                throw Self.invalid("'type' is none of \(known)")
            }
            path[name] = bytes
        case .slotID: path[name] = try Self.slotID(try attribute.text())
        case .libraryVersion: path[name] = try Self.version(try attribute.text())
        default: path[name] = Array(try attribute.text().utf8)
        }
    }

    private static func reasonAgainstPathAttribute(_ name: String) -> String {
        if QueryAttribute(rawValue: name) != nil {
            return "the attribute '\(name)' belongs behind the question mark"
        }
        if let known = PathAttribute.allCases.first(where: { $0.rawValue == name.lowercased() }) {
            return "the attribute '\(name)' must be written '\(known.rawValue)'"
        }
        return "there is no attribute '\(name)' in the path of a pkcs11: reference"
    }

    /// Reads a query attribute; OpenZiti's form has these too.
    mutating func readQuery(_ attribute: URIAttribute) throws(KeyStoreError) {
        guard let name = QueryAttribute(rawValue: attribute.name) else {
            if PathAttribute(rawValue: attribute.name) != nil {
                throw Self.invalid("the attribute '\(attribute.name)' belongs before the question mark, behind a ';'")
            }
            // RFC 7512 §2.3 lets a reader ignore these; saying so catches the misspelt ones.
            warnings.append("The query attribute '\(attribute.name)' is not known and is ignored.")
            return
        }
        if name != .pinValue { try Self.refuseSecret(in: attribute) }
        switch name {
        case .modulePath:
            try refuseSecond(modulePath, name)
            modulePath = try Self.modulePath(try attribute.text())
        case .moduleName:
            try refuseSecond(moduleName, name)
            moduleName = try Self.moduleName(try attribute.text())
        case .pinSource: try setPIN(.file(try PINFile.path(in: try attribute.text())))
        case .pinValue: try setPIN(.value(try Self.pin(try attribute.bytes())))
        case .backend, .isolated, .quirks:
            try refuseSecond(switches[name], name)
            let value = try attribute.text()
            try Self.checkSwitch(name, value)
            switches[name] = value
        }
    }

    /// Throws where a PIN stands in the value of another attribute, behind a separator that does not end it there. It would
    /// be taken for a part of that value, and be shown.
    static func refuseSecret(in attribute: URIAttribute) throws(KeyStoreError) {
        guard let value = attribute.value, KeyStoreURI.redact(value) != value else { return }
        throw invalid(
            "a PIN stands in the value of '\(attribute.name)'; it belongs behind the question mark, and '&' before it "
                + "(write an equals sign that is part of a value as %3D)")
    }

    private func refuseSecond(_ present: String?, _ name: QueryAttribute) throws(KeyStoreError) {
        if present != nil { throw Self.invalid("the attribute '\(name.rawValue)' is given twice") }
    }

    mutating func setPIN(_ reference: PINReference) throws(KeyStoreError) {
        if pin != nil { throw Self.invalid("the PIN is given twice; give one of 'pin-source' and 'pin-value'") }
        pin = reference
        if case .value = reference {
            warnings.append("The reference holds a PIN, which whoever sees the reference can use; prefer 'pin-source'.")
        }
    }

    private static func slotID(_ text: String) throws(KeyStoreError) -> [UInt8] {
        guard !text.isEmpty, text.utf8.allSatisfy(isDigit), let number = UInt(text) else {
            throw invalid("'slot-id' must be a decimal number")
        }
        return Array(String(number).utf8)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func version(_ text: String) throws(KeyStoreError) -> [UInt8] {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        // Swift's own reader takes a sign.
        let numbers = parts.compactMap { $0.utf8.allSatisfy(isDigit) ? UInt8($0) : nil }
        guard parts.count <= 2, numbers.count == parts.count else {
            throw invalid("'library-version' must be one number, or two with a full stop between them")
        }
        return Array("\(numbers[0]).\(numbers.count == 2 ? numbers[1] : 0)".utf8)
    }

    static func modulePath(_ text: String) throws(KeyStoreError) -> String {
        guard text.hasPrefix("/"), text.utf8.count < 4096, !text.utf8.contains(0) else {
            throw invalid("'module-path' must be an absolute path; a name goes into 'module-name'")
        }
        return text
    }

    static func moduleName(_ text: String) throws(KeyStoreError) -> String {
        guard ModuleName.isValid(text) else {
            throw invalid(
                "'module-name' must be a name of letters, digits, '.', '_', '+' and '-'; a path goes into 'module-path'"
            )
        }
        return text
    }

    static func pin(_ bytes: [UInt8]) throws(KeyStoreError) -> PIN {
        try bytes.withRawBytes { buffer throws(KeyStoreError) in try PIN(buffer) }
    }

    private static func checkSwitch(_ name: QueryAttribute, _ value: String) throws(KeyStoreError) {
        switch name {
        case .isolated:
            guard value == "yes" || value == "no" else { throw invalid("'isolated' must be 'yes' or 'no'") }
        case .quirks:
            _ = try QuirkSwitches(value)
        default:
            guard ModuleName.isValid(value) else { throw invalid("'\(name.rawValue)' is not a name") }
        }
    }
}
