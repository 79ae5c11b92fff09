import KeyStoreCore

extension FoundToken {
    /// The description for a list of tokens, which costs some more commands: whether PIN, PUK and management key are the ones
    /// that everybody knows, and what the device looks like.
    func info() throws(KeyStoreError) -> TokenInfo {
        var info = try identity.tokenInfo(pinStatus)
        try card.transaction { () throws(KeyStoreError) in
            let applet = Applet(card: card)
            if identity.has(.metadata) { try addDefaults(to: &info, applet) }
            // Another applet is selected for it, which would log other programs out.
            if !isShared, identity.serial != nil, let form = try applet.formFactor() {
                info.properties.append(.init(name: "form", value: form))
            }
        }
        return info
    }

    private func addDefaults(to info: inout TokenInfo, _ applet: Applet) throws(KeyStoreError) {
        if let pin = try applet.metadata(Applet.Reference.pin) {
            if pin.isDefault == true { info.flags.insert(.pinDefault) }
            if let tries = pin.triesLeft { info.setTriesLeft(tries, of: pin.triesTotal) }
        }
        if let puk = try applet.metadata(Applet.Reference.puk) {
            if puk.isDefault == true { info.flags.insert(.pukDefault) }
            if puk.triesLeft == 0 { info.flags.insert(.pukLocked) }
            if let tries = puk.triesLeft { info.properties.append(.init(name: "puk-tries-left", value: "\(tries)")) }
        }
        if let key = try applet.metadata(Applet.Reference.managementKey) {
            if key.isDefault == true { info.flags.insert(.managementKeyDefault) }
            let cipher = key.algorithm.flatMap { ManagementCipher(rawValue: $0) }
            info.properties.append(.init(name: "management-key", value: cipher?.name ?? "unknown"))
        }
    }
}

extension Applet {
    /// What the device looks like; nil where it does not say. The PIV applet is selected anew, which ends every login.
    func formFactor() throws(KeyStoreError) -> String? {
        defer { try? select() }
        guard try card.send(Command(.select, 4, 0, Self.managementIdentifier)).status == .success else { return nil }
        let answer = try card.send(Command(.readDeviceInfo))
        guard answer.status == .success, let count = answer.data.first, Int(count) == answer.data.count - 1,
            let form = try TLVReader.fields(answer.data.dropFirst())[4]?.first
        else { return nil }
        return Self.formFactors[form & 0x0F].map { form & 0x80 == 0 ? $0 : $0 + " FIPS" }
    }

    private static let managementIdentifier: [UInt8] = [0xA0, 0, 0, 5, 0x27, 0x47, 0x11, 0x17]
    private static let formFactors: [UInt8: String] = [
        1: "USB-A keychain", 2: "USB-A nano", 3: "USB-C keychain", 4: "USB-C nano", 5: "USB-C and Lightning",
        6: "USB-A Bio", 7: "USB-C Bio",
    ]
}
