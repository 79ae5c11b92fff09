import KeyStoreCore

/// A card with a PIV applet, connected to.
struct FoundToken {
    let card: Card
    let identity: Identity
    /// The PIN's state when the card was looked at.
    let pinStatus: PINStatus
    /// Whether another program was connected to it.
    let isShared: Bool
    /// The last eight bytes of the card's GUID, if that was asked for.
    let guid: [UInt8]?

    /// Looks at the card in a reader: three commands, and one for a device's serial number.
    init(_ card: Card, isShared: Bool, readsGUID: Bool) throws(KeyStoreError) {
        let applet = Applet(card: card)
        self.card = card
        self.isShared = isShared
        (identity, pinStatus, guid) = try card.transaction { () throws(KeyStoreError) in
            try applet.select()
            let status = try applet.pinStatus()
            let firmware = try applet.firmware()
            let serial = try applet.serialNumber(firmware)
            let guid = readsGUID ? try applet.guid() : nil
            return (Identity(serial: serial, firmware: firmware, reader: card.reader), status, guid)
        }
    }

    /// Whether it is what the reference asks for.
    func matches(_ uri: PIVURI) -> Bool {
        (uri.serial == nil || uri.serial == identity.serial) && (uri.guid == nil || uri.guid == guid)
    }
}

extension Applet {
    /// The last eight bytes of the card's GUID (SP 800-73-4 part 1, table 9); nil where it has none.
    func guid() throws(KeyStoreError) -> [UInt8]? {
        guard let contents = try read(.cardHolderID), let guid = try TLVReader.fields(contents)[0x34], guid.count == 16
        else { return nil }
        return Array(guid.suffix(8))
    }
}
