internal import Foundation

/// Making, importing, moving and using keys.
extension PIVApplet {
    /// How long a touch counts for keys with `TouchPolicy.cached`.
    private static let touchSeconds = 15.0

    func generate(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        try requireManagement()
        guard command.p1 == 0 else { throw .wrongParameters }
        let slot = try slot(command.p2)
        let elements = try TLV.parse(try TLV.only(0xAC, in: command.data))
        let algorithm = try algorithm(elements[tag: 0x80])
        let (pinPolicy, touchPolicy) = try policies(elements, slot)
        let key = try SoftwareKey.generate(algorithm)
        surroundings.work()
        store(key, in: slot, pinPolicy, touchPolicy, isImported: false)
        return TLV(0x7F49, key.publicKeyElements.encoded).encoded
    }

    func importKey(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        try requireManagement()
        let algorithm = try algorithm([command.p1])
        let slot = try slot(command.p2)
        let elements = try TLV.parse(command.data)
        let (pinPolicy, touchPolicy) = try policies(elements, slot)
        let key = try SoftwareKey.imported(algorithm, elements)
        store(key, in: slot, pinPolicy, touchPolicy, isImported: true)
        return []
    }

    func moveKey(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        try requireManagement()
        let source = try slot(command.p2)
        let target: Slot? = command.p1 == 0xFF ? nil : try slot(command.p1)
        guard try key(in: source) != nil else { throw .referenceNotFound }
        if let target {
            guard target != .attestation, source != .attestation else { throw .wrongParameters }
            guard state.keys[target.number] == nil else { throw .wrongData }
        }
        let moved = removeKey(in: source)
        if let target { state.keys[target.number] = moved }
        return []
    }

    private func algorithm(_ value: [UInt8]?) throws(StatusWord) -> KeyAlgorithm {
        guard let value, value.count == 1, let algorithm = KeyAlgorithm(rawValue: value[0]),
            algorithm.since <= state.firmware
        else { throw .wrongData }
        return algorithm
    }

    /// Zero and nothing at all mean the slot's default.
    private func policies(_ elements: [TLV], _ slot: Slot) throws(StatusWord) -> (PINPolicy, TouchPolicy) {
        let (pin, touch) = (elements[tag: 0xAA] ?? [0], elements[tag: 0xAB] ?? [0])
        guard let pinPolicy = pin == [0] ? slot.defaultPINPolicy : pin.first.flatMap({ PINPolicy(rawValue: $0) }),
            let touchPolicy = touch == [0] ? .never : touch.first.flatMap({ TouchPolicy(rawValue: $0) }),
            pin.count == 1, touch.count == 1
        else { throw .wrongData }
        return (pinPolicy, touchPolicy)
    }

    // MARK: Using

    /// GENERAL AUTHENTICATE (SP 800-73-4 part 2, §3.2.4): a signature, a decryption or a key agreement.
    func authenticate(_ command: CommandAPDU, isPINJustVerified: Bool) throws(StatusWord) -> [UInt8] {
        let slot = try slot(command.p2)
        let elements = try TLV.parse(try TLV.only(0x7C, in: command.data))
        guard elements[tag: 0x82] == [], let (key, stored) = try key(in: slot),
            key.algorithm.rawValue == command.p1
        else { throw .wrongData }
        switch stored.pinPolicy {
        case .never: break
        case .once: guard session.isPINVerified else { throw .notAuthenticated }
        case .always: guard isPINJustVerified else { throw .notAuthenticated }
        }
        try requireTouch(stored.touchPolicy)
        let result = try use(key, elements)
        surroundings.work()
        return TLV(0x7C, TLV(0x82, result).encoded).encoded
    }

    private func use(_ key: SoftwareKey, _ elements: [TLV]) throws(StatusWord) -> [UInt8] {
        let (challenge, point) = (elements[tag: 0x81], elements[tag: 0x85])
        switch key.algorithm {
        case .rsa1024, .rsa2048, .rsa3072, .rsa4096:
            if let challenge { return try key.rsa(challenge) }
        case .p256, .p384:
            if let challenge { return try key.ecdsa(challenge) }
            if let point { return try key.agree(with: point) }
        case .ed25519:
            if let challenge { return try key.ed25519(challenge) }
        case .x25519:
            if let point { return try key.agree(with: point) }
        }
        throw .wrongData
    }

    func requireTouch(_ policy: TouchPolicy) throws(StatusWord) {
        switch policy {
        case .never: return
        case .cached:
            if let last = session.lastTouch, -last.timeIntervalSinceNow < Self.touchSeconds { return }
        case .always: break
        }
        guard surroundings.awaitTouch() else { throw .notAuthenticated }
        session.lastTouch = Date()
    }
}
