import Testing

@testable import VirtualYubiKey

struct FramingTests {
    private func key() throws -> YubiKey {
        let key = try YubiKey()
        key.setObject(0x5FC105, [UInt8](repeating: 0xAB, count: 600))
        return key
    }

    private let getData: [UInt8] = [0x00, 0xCB, 0x3F, 0xFF, 0x05, 0x5C, 0x03, 0x5F, 0xC1, 0x05]

    @Test func aLongAnswerIsFetchedInPieces() throws {
        let client = TestClient(try key())
        let first = client.transmit(getData)
        #expect((first.data.count, first.statusWord) == (256, 0x6100))
        let second = client.transmit([0x00, 0xC0, 0x00, 0x00, 0x00])
        #expect((second.data.count, second.statusWord) == (256, 0x615C))
        let third = client.transmit([0x00, 0xC0, 0x00, 0x00])
        #expect((third.data.count, third.statusWord) == (92, .success))
        #expect(client.transmit([0x00, 0xC0, 0x00, 0x00, 0x00]).statusWord == .conditionsNotMet)
    }

    @Test func nothingMoreIsAnsweredThanWasAskedFor() throws {
        let client = TestClient(try key())
        let answer = client.transmit(getData + [0x08])
        #expect((answer.data.count, answer.statusWord) == (8, 0x6100))
        #expect(client.transmit([0x00, 0xC0, 0x00, 0x00, 0x10]).data.count == 16)
    }

    @Test func anExtendedCommandIsAnsweredAtOnce() throws {
        let client = TestClient(try key())
        let command: [UInt8] = [0x00, 0xCB, 0x3F, 0xFF, 0x00, 0x00, 0x05, 0x5C, 0x03, 0x5F, 0xC1, 0x05]
        #expect(client.transmit(command).data.count == 604)
        #expect(client.transmit(command + [0x00, 0x00]).data.count == 604)
        #expect(client.transmit(command + [0x01, 0x00]).data.count == 256)
    }

    @Test func anotherCommandThrowsTheRestOfAnAnswerAway() throws {
        let client = TestClient(try key())
        _ = client.transmit(getData)
        #expect(client.transmit([0x00, 0xFD, 0x00, 0x00]).data == [5, 4, 3])
        #expect(client.transmit([0x00, 0xC0, 0x00, 0x00, 0x00]).statusWord == .conditionsNotMet)
    }

    @Test func piecesThatDoNotFitTogetherAreRefused() throws {
        let client = TestClient(try key())
        #expect(client.transmit([0x10, 0xDB, 0x3F, 0xFF, 0x01, 0x5C]).statusWord == .success)
        #expect(client.transmit([0x00, 0xCB, 0x3F, 0xFF, 0x01, 0x7E]).statusWord == .chainBroken)
        #expect(client.transmit([0x10, 0xCB, 0x3F, 0xFF, 0x01, 0x5C]).statusWord == .success)
        #expect(client.transmit([0x00, 0xCB, 0x3F, 0xFF, 0x02, 0x01, 0x7E]).statusWord == .success)
        for _ in 1...16 { _ = client.transmit([0x10, 0xDB, 0x3F, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 255)) }
        #expect(
            client.transmit([0x10, 0xDB, 0x3F, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 255)).statusWord
                == .wrongLength)
    }

    @Test func commandsWithWrongLengthsAreRefused() throws {
        let client = TestClient(try key())
        for command: [UInt8] in [
            [0x00, 0xFD], [0x00, 0x20, 0x00, 0x80, 0x08, 0x31], [0x00, 0x20, 0x00, 0x80, 0x01, 0x31, 0x00, 0x00],
            [0x00, 0x20, 0x00, 0x80, 0x00, 0x01], [0x00, 0x20, 0x00, 0x80, 0x00, 0x00, 0x02, 0x01],
        ] {
            #expect(client.transmit(command).statusWord == .wrongLength)
        }
    }

    @Test func nothingIsAnsweredBeforeAnApplicationIsSelected() throws {
        let key = try key()
        #expect(TestClient(key, selects: false).send(0xFD, 0, 0).statusWord == .unknownInstruction)
        _ = TestClient(key)
        key.reset()
        #expect(TestClient(key, selects: false).send(0xFD, 0, 0).statusWord == .unknownInstruction)
    }

    /// Truncated, extended and changed commands of every instruction: each gets an answer with a status word.
    @Test func everyCommandIsAnswered() throws {
        let client = TestClient(try YubiKey(firmware: .v5_7_1))
        try client.authenticateManagement()
        let commands: [[UInt8]] = [
            getData, [0x00, 0x87, 0x11, 0x9A, 0x06, 0x7C, 0x04, 0x82, 0x00, 0x81, 0x00],
            [0x00, 0xFE, 0x11, 0x9A, 0x04, 0x06, 0x02, 0x01, 0x02],
            [0x00, 0xDB, 0x3F, 0xFF, 0x04, 0x5C, 0x01, 0x7E, 0x53],
            [0x00, 0x47, 0x00, 0x9A, 0x05, 0xAC, 0x03, 0x80, 0x01, 0x11],
            [0x00, 0xFF, 0xFF, 0xFF, 0x03, 0x0A, 0x9B, 0x18],
        ]
        for command in commands {
            for index in command.indices {
                for value: UInt8 in [0x00, 0x7F, 0x80, 0x81, 0x82, 0x83, 0xFF] {
                    var changed = command
                    changed[index] = value
                    #expect(client.transmit(changed).statusWord.value != 0)
                    #expect(client.transmit(Array(changed.prefix(index))).statusWord.value != 0)
                }
            }
        }
    }
}
