import KeyStoreCore
import KeyStorePlugin

/// A reference to a key on a PIV card, read: `piv:serial=112233;slot=9a`, or a `pkcs11:` reference as ykcs11 and OpenSC write
/// them.
struct PIVURI {
    /// The device's serial number, or nil for any.
    var serial: Applet.SerialNumber?
    /// The last eight bytes of the card's GUID, which OpenSC takes for a serial number; nil for any.
    var guid: [UInt8]?
    /// The slots that it may be; nil for any. Several where one PKCS#11 reference means another slot in each module, none where
    /// no slot can be what is asked for.
    var slots: [Slot]?
    /// The reader that is looked at first, and preferred where nothing else tells.
    var reader: String?
    /// Where the PIN is, if the reference says so.
    var pin: PINReference?
    /// The backend that it asks for, kept in the normal form.
    var backend: String?
    /// What is ignored, out of date or dangerous, in sentences.
    var warnings: [String] = []

    /// Reads a reference. Throws `invalidURI` with the reason.
    init(_ uri: KeyStoreURI) throws(KeyStoreError) {
        do throws(KeyStoreError) {
            if uri.scheme == Self.pkcs11Scheme {
                try readPKCS11(uri)
            } else {
                try readPIV(uri)
            }
        } catch {
            throw error.during("read reference", of: uri.text)
        }
    }

    /// A reference to a token or key that was found.
    init(serial: Applet.SerialNumber?, slot: Slot? = nil, reader: String? = nil) {
        self.serial = serial
        self.reader = reader
        slots = slot.map { [$0] }
    }

    static let scheme = "piv"
    static let pkcs11Scheme = "pkcs11"

    /// The one slot that it names; nil for any, or where it depends on what is in them.
    var slot: Slot? { slots?.count == 1 ? slots?[0] : nil }

    /// Whether everything that this reference asks for is so in the other one. The reader is a hint, and asks for nothing.
    func matches(_ candidate: PIVURI) -> Bool {
        if let serial, candidate.serial != serial { return false }
        if let guid, candidate.guid != guid { return false }
        guard let slots else { return true }
        guard let theirs = candidate.slots else { return false }
        return !theirs.isEmpty && theirs.allSatisfy { slots.contains($0) }
    }

    static func invalid(_ reason: String) -> KeyStoreError { KeyStoreError(.invalidURI, reason) }

    // MARK: piv:

    private mutating func readPIV(_ uri: KeyStoreURI) throws(KeyStoreError) {
        var seen: Set<String> = []
        for attribute in try uri.pathAttributes() {
            try Self.refuseSecret(in: attribute)
            guard seen.insert(attribute.name).inserted else {
                throw Self.invalid("the attribute '\(attribute.name)' is given twice")
            }
            switch attribute.name {
            case "serial": serial = try Self.serialNumber(try attribute.text())
            case "slot":
                guard let slot = Slot(try attribute.text()) else {
                    throw Self.invalid(
                        "'slot' must be 9a, 9c, 9d, 9e, 82 to 95 or f9, or a name: "
                            + "authentication, signature, key-management, card-authentication, retired1 to retired20, attestation"
                    )
                }
                slots = [slot]
            case "reader": reader = try attribute.text()
            default:
                throw Self.invalid(
                    QueryAttribute(rawValue: attribute.name) != nil
                        ? "the attribute '\(attribute.name)' belongs behind the question mark"
                        : "there is no attribute '\(attribute.name)' in the path of a piv: reference")
            }
        }
        for attribute in try uri.queryAttributes() { try readQuery(attribute) }
    }

    /// Reads a query attribute of ours.
    mutating func readQuery(_ attribute: URIAttribute) throws(KeyStoreError) {
        guard let name = QueryAttribute(rawValue: attribute.name) else {
            if ["serial", "slot", "reader"].contains(attribute.name) {
                throw Self.invalid("the attribute '\(attribute.name)' belongs before the question mark, behind a ';'")
            }
            // RFC 7512 §2.3 lets a reader ignore these; saying so catches the misspelt ones.
            warnings.append("The query attribute '\(attribute.name)' is not known and is ignored.")
            return
        }
        if name != .pinValue { try Self.refuseSecret(in: attribute) }
        switch name {
        case .pinSource: try setPIN(.file(try PINFile.path(in: try attribute.text())))
        case .pinValue:
            let bytes = try attribute.bytes()
            try setPIN(.value(try bytes.withRawBytes { buffer throws(KeyStoreError) in try PIN(buffer) }))
        case .backend:
            guard backend == nil else { throw Self.invalid("the attribute 'backend' is given twice") }
            backend = try attribute.text()
        }
    }

    private mutating func setPIN(_ reference: PINReference) throws(KeyStoreError) {
        if pin != nil { throw Self.invalid("the PIN is given twice; give one of 'pin-source' and 'pin-value'") }
        pin = reference
        if case .value = reference {
            warnings.append("The reference holds a PIN, which whoever sees the reference can use; prefer 'pin-source'.")
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

    /// A decimal number. Leading zeros are allowed, as some labels on devices have them.
    static func serialNumber(_ text: String) throws(KeyStoreError) -> Applet.SerialNumber {
        let isDecimal = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isDecimal, let number = Applet.SerialNumber(text) else {
            throw invalid("'serial' must be the device's serial number, in decimal digits")
        }
        return number
    }
}
