import KeyStoreCore

/// The PIV applet of a card, command by command. To be used within a transaction of the card's.
///
/// What is selected and who has logged in is the card's state, which other programs share.
struct Applet {
    let card: Card

    /// The serial number of a device. Not every card has one.
    typealias SerialNumber = UInt32

    // MARK: Finding out

    /// Selects the applet. Throws `noSuchToken` for a card that has none.
    func select() throws(KeyStoreError) {
        let answer = try card.send(Command(.select, 4, 0, Self.identifier))
        guard answer.status == .success else {
            throw KeyStoreError.card(
                answer.status, .select, .noSuchToken, "the card in the reader '\(card.reader)' has no PIV applet",
                during: "select applet")
        }
    }

    /// What the card says of its PIN. Costs no try.
    func pinStatus() throws(KeyStoreError) -> PINStatus {
        let answer = try card.send(Command(.verify, 0, Reference.pin))
        if answer.status == .success { return .verified }
        guard let tries = answer.status.triesLeft else {
            throw KeyStoreError.card(
                answer.status, .verify, .invalidReply, "the card does not say how many PIN tries it has left",
                during: "read PIN state")
        }
        return .needed(triesLeft: tries)
    }

    /// The firmware's version; nil for a card of other makers.
    func firmware() throws(KeyStoreError) -> Firmware? {
        let answer = try card.send(Command(.getVersion))
        if answer.status == .noSuchInstruction { return nil }
        let data = try answer.checked(.getVersion, during: "read version")
        guard data.count == 3 else { throw TLVReader.malformed("a version that is not three numbers") }
        return Firmware(data[0], data[1], data[2])
    }

    /// The device's serial number; nil for one that tells none. Before firmware 5 another applet has it, and the PIV applet is
    /// selected anew, which ends a login.
    func serialNumber(_ firmware: Firmware?) throws(KeyStoreError) -> SerialNumber? {
        guard let firmware else { return nil }
        if firmware >= .serialNumber {
            let answer = try card.send(Command(.getSerial))
            if answer.status == .noSuchInstruction { return nil }
            return try Self.serialNumber(try answer.checked(.getSerial, during: "read serial number"))
        }
        let selected = try card.send(Command(.select, 4, 0, Self.otpIdentifier))
        var answer = Answer()
        if selected.status == .success { answer = try card.send(Command(.otpRequest, 0x10)) }
        try select()
        guard selected.status == .success, answer.status == .success else { return nil }
        return try Self.serialNumber(answer.data)
    }

    private static func serialNumber(_ bytes: [UInt8]) throws(KeyStoreError) -> SerialNumber {
        guard bytes.count == 4 else { throw TLVReader.malformed("a serial number that is not four bytes") }
        return bytes.reduce(0) { $0 << 8 | SerialNumber($1) }
    }

    /// What the card tells about a key, PIN or PUK; nil where there is nothing. Firmware 5.3 and later.
    func metadata(_ reference: UInt8) throws(KeyStoreError) -> Metadata? {
        let answer = try card.send(Command(.getMetadata, 0, reference))
        if answer.status == .noSuchReference { return nil }
        return try Metadata(decoding: try answer.checked(.getMetadata, during: "read metadata"))
    }

    /// A data object's contents; nil where there is none, or an empty one.
    func read(_ object: DataObject) throws(KeyStoreError) -> [UInt8]? {
        let answer = try card.send(Command(.getData, 0x3F, 0xFF, TLV.encode(0x5C, object.bytes)))
        if answer.status == .notFound { return nil }
        let contents = try TLVReader.only(0x53, in: try answer.checked(.getData, during: "read data object"))
        return contents.isEmpty ? nil : contents
    }

    // MARK: PIN

    /// Logs in. Costs a try if the PIN is wrong. The PIN must be padded.
    func verify(_ pin: PIN) throws(KeyStoreError) -> StatusWord {
        try card.send(Command(.verify, 0, Reference.pin, secret: pin)).status
    }

    // MARK: Keys

    /// Uses a private key: `input` is a whole block for RSA, a digest or message to be signed, or (`isPoint`) another's point.
    func use(
        _ slot: Slot, _ algorithm: Algorithm, _ input: [UInt8], isPoint: Bool = false
    ) throws(KeyStoreError) -> Answer {
        let template = TLV.encode(0x7C, TLV.encode(0x82, []) + TLV.encode(isPoint ? 0x85 : 0x81, input))
        return try card.send(Command(.generalAuthenticate, algorithm.rawValue, slot.number, template))
    }

    /// The result of using a private key.
    static func result(_ data: [UInt8]) throws(KeyStoreError) -> [UInt8] {
        try TLVReader.only(0x82, in: try TLVReader.only(0x7C, in: data))
    }

    /// The numbers by which commands name what is no slot.
    enum Reference {
        static let pin: UInt8 = 0x80
        static let puk: UInt8 = 0x81
        static let managementKey: UInt8 = 0x9B
    }

    /// The part of the applet's identifier that every version has (SP 800-73-4 part 1 §2.2).
    private static let identifier: [UInt8] = [0xA0, 0, 0, 3, 8]
    private static let otpIdentifier: [UInt8] = [0xA0, 0, 0, 5, 0x27, 0x20, 1]
}
