import Testing

@testable import VirtualYubiKey

struct FaultTests {
    private let version: [UInt8] = [0x00, 0xFD, 0x00, 0x00, 0x00]

    @Test func aFaultComesWithTheNthCommandAndOnce() throws {
        let key = try YubiKey()
        _ = TestClient(key)
        key.fail(atAPDU: 2, with: .status(0x6F00))
        let answers = (1...3).map { _ in key.transmit(version) }
        let good = CardAnswer.bytes([5, 4, 3, 0x90, 0x00])
        #expect(answers == [good, .bytes([0x6F, 0x00]), good])
    }

    @Test func aFaultCanBeOfOneInstruction() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        key.fail(atAPDU: 1, instruction: 0x20, with: .status(0x6982))
        key.fail(atAPDU: 3, with: .status(0x6F00))
        #expect(client.send(0xFD, 0, 0).statusWord == .success)
        #expect(client.verify("123456") == .notAuthenticated)
        #expect(client.send(0xFD, 0, 0).statusWord == .failure)
        key.fail(atAPDU: 1, with: .status(0x6F00))
        key.clearFaults()
        #expect(client.send(0xFD, 0, 0).statusWord == .success)
    }

    @Test func answersAreCutOffAndReplaced() throws {
        let key = try YubiKey()
        _ = TestClient(key)
        key.fail(atAPDU: 1, with: .truncate(toBytes: 1))
        key.fail(atAPDU: 2, with: .answer([0x7C, 0x84, 0x90, 0x00]))
        key.fail(atAPDU: 3, with: .data([9]))
        key.fail(atAPDU: 4, with: .unplug)
        key.fail(atAPDU: 5, with: .reconnect)
        key.fail(atAPDU: 6, with: .delay(seconds: 0.01))
        let answers = (1...6).map { _ in key.transmit(version) }
        #expect(
            answers == [
                .bytes([5]), .bytes([0x7C, 0x84, 0x90, 0x00]), .bytes([9, 0x90, 0x00]), .unplugged, .reconnected,
                .bytes([5, 4, 3, 0x90, 0x00]),
            ])
    }

    @Test func aCommandCanBeExecutedAndNotAnswered() throws {
        let key = try YubiKey()
        _ = TestClient(key)
        key.fail(atAPDU: 1, with: .unplugAfterwards)
        #expect(key.transmit([0x00, 0x20, 0x00, 0x80, 0x08] + CardState.Reference.padded("000000")) == .unplugged)
        #expect(key.pinTriesLeft == 2)
    }

    @Test func theLogHasEachCommandAndNoPIN() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        key.clearLog()
        _ = client.verify("123456")
        _ = client.send(0xFD, 0, 0)
        key.fail(atAPDU: 1, with: .unplug)
        _ = client.send(0xFD, 0, 0)
        #expect(
            key.log.description == """
                00 20 00 80 Lc=8 -> 9000 0
                00 FD 00 00 Lc=0 -> 9000 3
                00 FD 00 00 Lc=0 -> nothing 0
                """)
        #expect(key.log.count == 3)
        #expect(key.log.count(of: 0xFD) == 2)
        #expect(key.log.countByInstruction == [0x20: 1, 0xFD: 2])
        #expect(key.log.instructions == [0x20, 0xFD, 0xFD])
        #expect(!"\(key.log.entries)".contains("123456"))
        key.reset()
        #expect(key.log.resetCount == 1)
    }
}
