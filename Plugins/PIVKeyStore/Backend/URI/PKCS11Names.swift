/// What PKCS#11 modules call the slots' keys. The two that matter count the retired slots differently.
enum PKCS11Names {
    /// ykcs11's CKA_ID of a slot's key.
    static func ykcs11ID(of slot: Slot) -> UInt8 {
        slot == .attestation ? 0x19 : UInt8(Slot.users.firstIndex(of: slot)! + 1)
    }

    /// OpenSC's CKA_ID: as ykcs11's as far as the fifth retired slot, then the decimal number read as hexadecimal. Nil for
    /// the attestation slot, which it does not show.
    static func openSCID(of slot: Slot) -> UInt8? {
        guard slot != .attestation else { return nil }
        let number = ykcs11ID(of: slot)
        return number < 10 ? number : number / 10 * 16 + number % 10
    }

    /// The slots that a CKA_ID means, the likelier first: 10 to 24 are one in ykcs11 and another in OpenSC.
    static func slots(id: [UInt8], isOpenSC: Bool) -> [Slot] {
        guard id.count == 1 else { return [] }
        let (yubico, openSC) = (
            Slot.all.filter { ykcs11ID(of: $0) == id[0] }, Slot.all.filter { openSCID(of: $0) == id[0] }
        )
        let (first, second) = isOpenSC ? (openSC, yubico) : (yubico, openSC)
        return first + second.filter { !first.contains($0) }
    }

    /// The slots whose private key, public key or certificate a module gives this label.
    static func slots(label: String) -> [Slot] {
        Slot.all.filter { labels(of: $0).contains(label) }
    }

    private static func labels(of slot: Slot) -> [String] {
        let name = ykcs11Name(of: slot)
        var labels = ["Private key for \(name)", "Public key for \(name)", "X.509 Certificate for \(name)"]
        if let number = slot.retiredNumber {
            labels += ["Retired KEY MAN \(number)", "Certificate for Retired KEY MAN \(number)"]
        } else if let (key, certificate) = openSCNames[slot] {
            labels += ["\(key) key", "\(key) pubkey", "Certificate for \(certificate)"]
        }
        return labels
    }

    /// The slot's name in ykcs11's labels.
    static func ykcs11Name(of slot: Slot) -> String {
        switch slot {
        case .authentication: "PIV Authentication"
        case .signature: "Digital Signature"
        case .keyManagement: "Key Management"
        case .cardAuthentication: "Card Authentication"
        case .attestation: "PIV Attestation"
        default: "Retired Key \(slot.retiredNumber ?? 0)"
        }
    }

    private static let openSCNames: [Slot: (String, String)] = [
        .authentication: ("PIV AUTH", "PIV Authentication"), .signature: ("SIGN", "Digital Signature"),
        .keyManagement: ("KEY MAN", "Key Management"), .cardAuthentication: ("CARD AUTH", "Card Authentication"),
    ]
}
