/// Authentication with the management key, and changing it.
extension PIVApplet {
    func authenticateManagement(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        let key = state.managementKey
        guard command.p1 == key.algorithm.rawValue else { throw .wrongData }
        let elements = try TLV.parse(try TLV.only(0x7C, in: command.data))
        let asked = session.challenge
        session.challenge = nil
        let (witness, challenge, response) = (elements[tag: 0x80], elements[tag: 0x81], elements[tag: 0x82])
        if witness == [] {
            let random = RandomBytes.make(key.algorithm.blockLength)
            session.challenge = .witness(random)
            return TLV(0x7C, TLV(0x80, try key.encrypt(random)).encoded).encoded
        }
        if let witness, let challenge {
            guard case .witness(let expected) = asked else { throw .conditionsNotMet }
            guard witness == expected else { throw .notAuthenticated }
            let answer = try key.encrypt(challenge)
            try finishManagement(key)
            return TLV(0x7C, TLV(0x82, answer).encoded).encoded
        }
        if challenge == [] {
            let random = RandomBytes.make(key.algorithm.blockLength)
            session.challenge = .challenge(random)
            return TLV(0x7C, TLV(0x81, random).encoded).encoded
        }
        guard let response else { throw .wrongData }
        guard case .challenge(let random) = asked else { throw .conditionsNotMet }
        guard response == (try key.encrypt(random)) else { throw .notAuthenticated }
        try finishManagement(key)
        return []
    }

    private func finishManagement(_ key: ManagementKey) throws(StatusWord) {
        if key.touchPolicy != .never { try requireTouch(key.touchPolicy) }
        session.isManagementAuthenticated = true
    }

    func setManagementKey(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        try requireManagement()
        guard command.p1 == 0xFF else { throw .wrongParameters }
        let touchPolicy: TouchPolicy
        switch command.p2 {
        case 0xFF: touchPolicy = .never
        case 0xFE: touchPolicy = .always
        case 0xFD: touchPolicy = .cached
        default: throw .wrongParameters
        }
        guard command.data.count > 3, command.data[1] == 0x9B,
            let algorithm = ManagementAlgorithm(rawValue: command.data[0]), algorithm.since <= state.firmware
        else { throw .wrongData }
        let bytes = Array(command.data.dropFirst(3))
        guard Int(command.data[2]) == bytes.count, bytes.count == algorithm.keyLength else { throw .wrongLength }
        state.managementKey = ManagementKey(algorithm: algorithm, bytes: bytes, touchPolicy: touchPolicy)
        return []
    }
}
