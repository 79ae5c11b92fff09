/// PIN and PUK. Counters are saved before the answer is sent, so that no crash gives a try back.
extension PIVApplet {
    private static let pinReference: UInt8 = 0x80
    private static let pukReference: UInt8 = 0x81

    func verify(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        guard command.p2 == Self.pinReference else { throw .referenceNotFound }
        if command.p1 == 0xFF, command.data.isEmpty {
            session.isPINVerified = false
            return []
        }
        guard command.p1 == 0 else { throw .wrongParameters }
        if command.data.isEmpty {
            if session.isPINVerified { return [] }
            throw state.pin.triesLeft == 0 ? .blocked : .wrongPIN(triesLeft: state.pin.triesLeft)
        }
        guard command.data.count == 8 else { throw .wrongLength }
        session.isPINVerified = false
        try check(\.pin, command.data)
        session.isPINVerified = true
        session.isPINJustVerified = true
        return []
    }

    func changeReference(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        guard command.p1 == 0 else { throw .wrongParameters }
        guard command.data.count == 16 else { throw .wrongLength }
        let (old, new) = (Array(command.data.prefix(8)), Array(command.data.suffix(8)))
        switch command.p2 {
        case Self.pinReference:
            do { try check(\.pin, old) } catch {
                session.isPINVerified = false
                throw error
            }
            try checkForm(new)
            state.pin.value = new
        case Self.pukReference:
            try check(\.puk, old)
            try checkForm(new)
            state.puk.value = new
        default: throw .referenceNotFound
        }
        return []
    }

    func resetRetryCounter(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        guard command.p1 == 0 else { throw .wrongParameters }
        guard command.p2 == Self.pinReference else { throw .referenceNotFound }
        guard command.data.count == 16 else { throw .wrongLength }
        let new = Array(command.data.suffix(8))
        try check(\.puk, Array(command.data.prefix(8)))
        try checkForm(new)
        state.pin.value = new
        state.pin.triesLeft = state.pin.triesTotal
        return []
    }

    func setRetries(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        try requireManagement()
        guard session.isPINVerified else { throw .notAuthenticated }
        guard command.p1 > 0, command.p2 > 0 else { throw .wrongData }
        state.pin = CardState.Reference(CardState.factoryPIN, tries: Int(command.p1))
        state.puk = CardState.Reference(CardState.factoryPUK, tries: Int(command.p2))
        session.isPINVerified = false
        return []
    }

    func reset() throws(StatusWord) -> [UInt8] {
        guard state.pin.triesLeft == 0, state.puk.triesLeft == 0 else { throw .conditionsNotMet }
        try makeAttestationKey()
        state.reset()
        forgetKeys()
        session = PIVSession()
        return []
    }

    /// Compares, and counts. The attempt that uses up the last try is answered as a wrong one; later ones as blocked.
    private func check(
        _ reference: WritableKeyPath<CardState, CardState.Reference>, _ value: [UInt8]
    ) throws(StatusWord) {
        guard state[keyPath: reference].triesLeft > 0 else { throw .blocked }
        guard state[keyPath: reference].value == value else {
            state[keyPath: reference].triesLeft -= 1
            throw .wrongPIN(triesLeft: state[keyPath: reference].triesLeft)
        }
        state[keyPath: reference].triesLeft = state[keyPath: reference].triesTotal
    }

    /// 6 to 8 bytes, filled up with FF. Looked at after the old value: ykman blocks a PUK with empty ones.
    private func checkForm(_ value: [UInt8]) throws(StatusWord) {
        let text = value.prefix { $0 != 0xFF }
        guard text.count >= 6, value.dropFirst(text.count).allSatisfy({ $0 == 0xFF }) else { throw .wrongData }
    }
}
