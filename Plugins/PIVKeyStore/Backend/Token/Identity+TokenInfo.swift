import KeyStoreCore

extension Identity {
    /// The description of a token that somebody is connected to.
    func tokenInfo(_ pinStatus: PINStatus) throws(KeyStoreError) -> TokenInfo {
        var info = TokenInfo(
            uri: try uri(), label: label, manufacturer: serial == nil ? "" : "Yubico",
            model: serial == nil ? "" : "YubiKey",
            serial: serial.map { String($0) } ?? "", location: reader,
            flags: [.initialised, .loginRequired, .pinInitialised])
        if let firmware { info.properties.append(.init(name: "firmware", value: firmware.description)) }
        if case .needed(let tries) = pinStatus { info.setTriesLeft(tries, of: nil) }
        return info
    }
}

extension TokenInfo {
    /// Sets what follows from how many PIN tries are left; of how many, where that is known.
    mutating func setTriesLeft(_ tries: Int, of total: Int?) {
        triesLeft = tries
        flags.subtract([.pinLocked, .pinFinalTry, .pinCountLow])
        if tries == 0 { flags.insert(.pinLocked) }
        if tries == 1 { flags.insert(.pinFinalTry) }
        if tries > 0, tries < total ?? 3 { flags.insert(.pinCountLow) }
    }
}
