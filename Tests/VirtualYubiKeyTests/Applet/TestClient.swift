import Testing

@testable import VirtualYubiKey

/// Speaks to a key as a client does, without a reader: chains what is long and fetches what is left.
struct TestClient {
    struct Answer: Equatable {
        var statusWord: StatusWord
        var data: [UInt8]
    }

    let key: YubiKey

    init(_ key: YubiKey, selects: Bool = true) {
        self.key = key
        if selects { #expect(send(0xA4, 0x04, 0x00, [0xA0, 0x00, 0x00, 0x03, 0x08]).statusWord == .success) }
    }

    /// One command as it is, and the answer to it.
    func transmit(_ command: [UInt8]) -> Answer {
        guard case .bytes(let bytes) = key.transmit(command), bytes.count >= 2 else {
            return Answer(statusWord: 0, data: [])
        }
        return Answer(
            statusWord: StatusWord(UInt16(bytes[bytes.count - 2]) << 8 | UInt16(bytes[bytes.count - 1])),
            data: bytes.dropLast(2))
    }

    func send(_ ins: UInt8, _ p1: UInt8, _ p2: UInt8, _ data: [UInt8] = []) -> Answer {
        var rest = data[...]
        while rest.count > 255 {
            let answer = transmit([0x10, ins, p1, p2, 255] + rest.prefix(255))
            guard answer.statusWord == .success else { return answer }
            rest = rest.dropFirst(255)
        }
        var answer = transmit([0x00, ins, p1, p2, UInt8(rest.count)] + rest)
        var whole = answer.data
        while answer.statusWord.value >> 8 == 0x61 {
            answer = transmit([0x00, 0xC0, 0x00, 0x00, 0x00])
            whole += answer.data
        }
        return Answer(statusWord: answer.statusWord, data: whole)
    }

    func verify(_ pin: String) -> StatusWord { send(0x20, 0, 0x80, CardState.Reference.padded(pin)).statusWord }

    /// Mutual authentication with the key's true management key.
    func authenticateManagement() throws {
        let managementKey = key.withApplet { $0.state.managementKey }
        let algorithm = managementKey.algorithm.rawValue
        let first = send(0x87, algorithm, 0x9B, TLV(0x7C, TLV(0x80, []).encoded).encoded)
        let witness = try TLV.only(0x80, in: try TLV.only(0x7C, in: first.data))
        let plain = try managementKey.decrypt(witness)
        let challenge = RandomBytes.make(witness.count)
        let second = send(
            0x87, algorithm, 0x9B, TLV(0x7C, [TLV(0x80, plain), TLV(0x81, challenge), TLV(0x82, [])].encoded).encoded)
        #expect(second.statusWord == .success)
        #expect(
            try TLV.only(0x82, in: try TLV.only(0x7C, in: second.data)) == (try managementKey.encrypt(challenge)))
    }

    /// GENERATE, with policies where they are given.
    func generate(_ algorithm: KeyAlgorithm, _ slot: Slot, _ policies: [TLV] = []) -> Answer {
        let elements = [TLV(0x80, [algorithm.rawValue])] + policies
        return send(0x47, 0, slot.number, TLV(0xAC, elements.encoded).encoded)
    }

    /// Uses a key on a challenge or a point.
    func use(_ algorithm: KeyAlgorithm, _ slot: Slot, _ input: [UInt8], isAgreement: Bool = false) -> Answer {
        let elements = [TLV(0x82, []), TLV(isAgreement ? 0x85 : 0x81, input)]
        var answer = send(0x87, algorithm.rawValue, slot.number, TLV(0x7C, elements.encoded).encoded)
        if answer.statusWord == .success, let inner = try? TLV.only(0x7C, in: answer.data),
            let result = try? TLV.only(0x82, in: inner)
        {
            answer.data = result
        }
        return answer
    }

    func getData(_ number: UInt32) -> Answer {
        send(0xCB, 0x3F, 0xFF, TLV(0x5C, Self.bytes(number)).encoded)
    }

    func putData(_ number: UInt32, _ contents: [UInt8]) -> StatusWord {
        send(0xDB, 0x3F, 0xFF, [TLV(0x5C, Self.bytes(number)), TLV(0x53, contents)].encoded).statusWord
    }

    func metadata(_ reference: UInt8) throws -> [TLV] {
        let answer = send(0xF7, 0, reference)
        guard answer.statusWord == .success else { throw answer.statusWord }
        return try TLV.parse(answer.data)
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        number > 0xFF ? [UInt8(number >> 16), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] : [UInt8(number)]
    }
}
