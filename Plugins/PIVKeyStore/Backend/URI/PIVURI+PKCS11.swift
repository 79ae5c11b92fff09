import KeyStoreCore

/// References that the PKCS#11 backend writes of keys that it sees through ykcs11 or OpenSC.
extension PIVURI {
    mutating func readPKCS11(_ uri: KeyStoreURI) throws(KeyStoreError) {
        guard !uri.path.hasPrefix("/"), uri.query == nil || uri.path.isEmpty || uri.path.contains("=") else {
            throw Self.invalid(
                "the form of OpenZiti's SDKs names a PKCS#11 module, which this backend does not use; give the RFC 7512 form"
            )
        }
        var seen: Set<String> = []
        var id: [UInt8]?
        var byLabel: [Slot]?
        var token: String?
        for attribute in try uri.pathAttributes() {
            try Self.refuseSecret(in: attribute)
            guard seen.insert(attribute.name).inserted else {
                throw Self.invalid("the attribute '\(attribute.name)' is given twice")
            }
            switch attribute.name {
            case "token": token = try attribute.text()
            case "serial": try readPKCS11Serial(try attribute.text())
            case "id": id = try attribute.bytes()
            case "object": byLabel = PKCS11Names.slots(label: try attribute.text())
            case "type":
                let type = try attribute.text()
                guard ["private", "public", "cert", "secret-key", "data"].contains(type) else {
                    throw Self.invalid("'type' is none of private, public, cert, secret-key, data")
                }
                if type == "secret-key" || type == "data" { byLabel = [] }
            // They say which module or slot showed the token, and that is not asked here.
            case "manufacturer", "model", "slot-id", "slot-description", "slot-manufacturer", "library-description",
                "library-manufacturer", "library-version":
                _ = try attribute.text()
            default:
                throw Self.invalid("there is no attribute '\(attribute.name)' in the path of a pkcs11: reference")
            }
        }
        if let token { try readToken(token) }
        let isOpenSC = try Self.namesOpenSC(uri)
        let byID = id.map { PKCS11Names.slots(id: $0, isOpenSC: isOpenSC) }
        // A label tells whose id it is. Without one it is the named module's, or else ykcs11's.
        slots =
            byLabel.map { labels in byID.map { $0.filter(labels.contains) } ?? labels }
            ?? byID.map { Array($0.prefix(1)) }
        for attribute in try uri.queryAttributes() where !Self.moduleAttributes.contains(attribute.name) {
            try readQuery(attribute)
        }
    }

    private static func namesOpenSC(_ uri: KeyStoreURI) throws(KeyStoreError) -> Bool {
        for attribute in try uri.queryAttributes() where ["module-path", "module-name"].contains(attribute.name) {
            if try attribute.text().contains("opensc") { return true }
        }
        return false
    }

    /// ykcs11 gives the device's number in decimal digits, OpenSC the end of the card's GUID in hexadecimal ones.
    private mutating func readPKCS11Serial(_ text: String) throws(KeyStoreError) {
        guard text.utf8.count == 16, let number = UInt64(text, radix: 16), !text.hasPrefix("+") else {
            serial = try Self.serialNumber(text)
            return
        }
        guid = withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    /// ykcs11's label has the serial number in it. OpenSC's is the name in some certificate, which nothing is selected by.
    private mutating func readToken(_ label: String) throws(KeyStoreError) {
        guard label.hasPrefix(Self.ykcs11Label) else {
            guard serial != nil || guid != nil else {
                throw Self.invalid(
                    "no YubiKey has the token label '\(label)'; name it by its serial number, as in piv:serial=NUMBER")
            }
            warnings.append(
                "The token label is not looked at, because it is none of a YubiKey's; the serial number is.")
            return
        }
        let number = try Self.serialNumber(String(label.dropFirst(Self.ykcs11Label.count)))
        guard serial == nil || serial == number else {
            throw Self.invalid("'token' and 'serial' name two devices")
        }
        serial = number
    }

    private static let ykcs11Label = "YubiKey PIV #"
    /// What says how the PKCS#11 backend reaches the token.
    private static let moduleAttributes: Set<String> = ["module-path", "module-name", "isolated", "x-quirks"]
}
