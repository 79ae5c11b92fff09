import KeyStoreCore
import KeyStorePlugin
import LibCrypto

/// What takes the management key.
extension Applet {
    /// What kind of management key the card has.
    func managementKeyKind(_ identity: Identity) throws(KeyStoreError) -> ManagementKeyKind {
        guard identity.has(.metadata) else { return ManagementKeyKind(cipher: .tripleDES, needsTouch: false) }
        let metadata = try metadata(Reference.managementKey)
        guard let number = metadata?.algorithm, let cipher = ManagementCipher(rawValue: number) else {
            throw KeyStoreError(.invalidReply, "the card's management key is for a cipher that is not known here")
        }
        return ManagementKeyKind(cipher: cipher, needsTouch: metadata?.touchPolicy.map { $0 != .never } ?? false)
    }

    /// Shows the card the management key, and announces the touch that the card may want for it.
    func authenticate(
        _ key: ManagementKey, _ identity: Identity, _ host: any BackendHost
    ) throws(KeyStoreError) {
        let kind = try managementKeyKind(identity)
        if kind.needsTouch {
            host.notice(.touchAwaited("\(identity.label), to use its management key"))
        }
        defer { if kind.needsTouch { host.notice(.awaitedDone("The \(identity.label) waits for no touch.")) } }
        try authenticate(key, kind.cipher)
    }

    /// Proves to the card that the management key is known, and has the card prove the same (SP 800-73-4 part 2 §3.2.4,
    /// mutual authentication). No tries are counted.
    private func authenticate(_ key: ManagementKey, _ cipher: ManagementCipher) throws(KeyStoreError) {
        guard key.bytes.count == cipher.keyLength else {
            throw KeyStoreError(
                .invalidData,
                "the card's management key is for \(cipher.name), and has \(2 * cipher.keyLength) hexadecimal digits; the one given was not sent",
                operation: "authenticate")
        }
        let length = cipher.cipher.blockLength
        let first = try card.send(
            Command(
                .generalAuthenticate, cipher.rawValue, Reference.managementKey,
                TLV.encode(0x7C, TLV.encode(0x80, []))))
        let data = try first.checked(.generalAuthenticate, during: "authenticate")
        let witness = try TLVReader.only(0x80, in: try TLVReader.only(0x7C, in: data))
        guard witness.count == length else { throw TLVReader.malformed("a witness of the wrong length") }
        let challenge = (0..<length).map { _ in UInt8.random(in: .min ... .max) }
        let proof = try cipher.cipher.apply(key.bytes, to: witness, encrypts: false)
        let contents = TLV.encode(0x7C, TLV.encode(0x80, proof) + TLV.encode(0x81, challenge))
        let second = try card.send(
            Command(.generalAuthenticate, cipher.rawValue, Reference.managementKey, secret: try secret(contents)))
        guard second.status == .success else {
            throw KeyStoreError.card(
                second.status, .generalAuthenticate,
                second.status == .notAuthenticated ? .pinIncorrect : .backendFailure,
                "the management key is wrong, or the touch that the card wants for it did not come",
                during: "authenticate")
        }
        let answer = try TLVReader.only(0x82, in: try TLVReader.only(0x7C, in: second.data))
        guard answer == (try cipher.cipher.apply(key.bytes, to: challenge, encrypts: true)) else {
            throw KeyStoreError(
                .invalidReply, "the card does not know its own management key", operation: "authenticate")
        }
    }

    /// Makes a key pair, and gives its public part in the applet's form.
    func generate(
        _ algorithm: Algorithm, in slot: Slot, _ pinPolicy: PINPolicy?, _ touchPolicy: TouchPolicy?
    ) throws(KeyStoreError) -> [UInt8] {
        let parameters = TLV.encode(0x80, [algorithm.rawValue]) + Self.policies(pinPolicy, touchPolicy)
        let answer = try card.send(Command(.generate, 0, slot.number, TLV.encode(0xAC, parameters)))
        return try answer.checked(.generate, during: "generate key")
    }

    /// The policies of a new key, as far as they are given.
    static func policies(_ pinPolicy: PINPolicy?, _ touchPolicy: TouchPolicy?) -> [UInt8] {
        (pinPolicy.map { TLV.encode(0xAA, [UInt8($0.rawValue)]) } ?? [])
            + (touchPolicy.map { TLV.encode(0xAB, [UInt8($0.rawValue)]) } ?? [])
    }

    /// Stores a data object, or takes it away for nil.
    func write(_ contents: [UInt8]?, to object: DataObject) throws(KeyStoreError) {
        let data = TLV.encode(0x5C, object.bytes) + TLV.encode(0x53, contents ?? [])
        _ = try card.send(Command(.putData, 0x3F, 0xFF, data)).checked(.putData, during: "write data object")
    }

    /// Bytes that nobody is to see in a trace.
    func secret(_ bytes: [UInt8]) throws(KeyStoreError) -> PIN {
        try bytes.withRawBytes { bytes throws(KeyStoreError) in try PIN(bytes) }
    }
}
