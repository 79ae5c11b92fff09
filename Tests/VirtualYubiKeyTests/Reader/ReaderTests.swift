import ChildProcess
import Testing

@testable import VirtualYubiKey

/// Plugging, pulling out, and what a client sees of it.
@Suite(.serialized)
struct ReaderTests {
    private func status(_ reader: String = "Yubikey") throws -> ProgramOutcome {
        try Program.system("yubico-piv-tool", ["-r", reader, "-a", "status"]).runBlocking()
    }

    @Test func aKeyThatIsPulledOutIsGoneAndComesBack() throws {
        let plugged = try PluggedKey()
        try status().succeeded()
        #expect(plugged.key.isPlugged)
        plugged.key.unplug()
        #expect(!plugged.key.isPlugged)
        #expect(try status().status != 0)
        try plugged.key.plug(intoPort: plugged.daemon.ports[0])
        try status().succeeded()
    }

    @Test func anotherKeyTakesItsPlace() throws {
        let plugged = try PluggedKey()
        plugged.key.unplug()
        let other = try YubiKey(serial: 445_566)
        try other.plug(intoPort: plugged.daemon.ports[0])
        defer { other.unplug() }
        #expect(try status().succeeded().outputText.contains("445566"))
    }

    @Test func severalKeysAreSeenAtOnce() throws {
        let daemon = try PCSCDaemon(slots: 3)
        defer { daemon.stop() }
        let keys = try (1...3).map { try YubiKey(serial: 1000 + UInt32($0)) }
        defer { for key in keys { key.unplug() } }
        for (key, port) in zip(keys, daemon.ports) { try key.plug(intoPort: port) }
        let text = try Program.system("pkcs11-tool", ["--module", "libykcs11.so.2", "-L"]).runBlocking().succeeded()
            .outputText
        for key in keys { #expect(text.contains("YubiKey PIV #\(key.serial)")) }
    }

    @Test func aCardWithoutPIVAndAnEmptyReaderAreNoKeys() throws {
        let daemon = try PCSCDaemon(slots: 2)
        defer { daemon.stop() }
        let card = try ReaderConnection(PlainCard(), port: daemon.ports[0])
        defer { card.close() }
        let readers = try Program.system("opensc-tool", ["--list-readers"]).runBlocking().succeeded().outputText
        #expect(readers.split(separator: "\n").filter { $0.contains("Yubico YubiKey") }.count == 2)
        let outcome = try status("00 00")
        #expect(!outcome.outputText.contains("Serial Number"))
        #expect(try status("00 01").status != 0)
    }

    @Test func aMachineCanBeWithoutAnyReader() throws {
        let daemon = try PCSCDaemon(readerNames: [])
        defer { daemon.stop() }
        #expect(daemon.ports.isEmpty)
        #expect(try status().status != 0)
    }

    @Test func aSecondPCSCDIsRefused() throws {
        let daemon = try PCSCDaemon()
        defer { daemon.stop() }
        #expect(throws: ReaderError.self) { try PCSCDaemon() }
    }

    @Test func aFaultPullsTheKeyOutInMidCommand() throws {
        let plugged = try PluggedKey { try $0.generate(.p256, in: .authentication) }
        try plugged.folder.write("message", "to be signed")
        plugged.key.fail(atAPDU: 1, instruction: 0x87, with: .unplug)
        let outcome = try plugged.pivTool(
            "-a", "verify-pin", "-P", "123456", "--sign", "-s", "9a", "-A", "ECCP256", "-i", "message", "-o",
            "signature")
        #expect(outcome.status != 0)
        #expect(!plugged.key.isPlugged)
        #expect(plugged.key.log.count(of: 0x87) == 1)
        #expect(plugged.key.pinTriesLeft == 3)
        try plugged.key.plug(intoPort: plugged.daemon.ports[0])
        try status().succeeded()
    }

    @Test func aKeyThatComesBackAtOnceIsSeenAgain() throws {
        let plugged = try PluggedKey()
        plugged.key.fail(atAPDU: 3, with: .reconnect)
        _ = try status()
        #expect(plugged.key.isPlugged)
        try plugged.key.plug(intoPort: plugged.daemon.ports[0])
        try status().succeeded()
    }

    @Test func aTouchIsAwaitedInMidCommandAndEndsWithTheUnplugging() async throws {
        let plugged = try PluggedKey { try $0.generate(.p256, in: .cardAuthentication, touchPolicy: .always) }
        try plugged.folder.write("message", "to be signed")
        plugged.key.touch = .byHand(timeoutSeconds: 50)
        let sign = { @Sendable in
            try? plugged.pivTool(
                "-a", "verify-pin", "-P", "123456", "--sign", "-s", "9e", "-A", "ECCP256", "-i", "message", "-o",
                "signature"
            ).status
        }
        async let first = BackgroundCall.run(sign)
        #expect(await BackgroundCall.run { plugged.key.waitUntilTouchIsAwaited() })
        plugged.key.giveTouch()
        #expect(await first == 0)
        #expect(try plugged.verifies("signature", of: "message", by: .cardAuthentication))
        async let second = BackgroundCall.run(sign)
        #expect(await BackgroundCall.run { plugged.key.waitUntilTouchIsAwaited() })
        plugged.key.unplug()
        let status = await second
        #expect(status != nil && status != 0)
    }

    @Test func twoCommandsSignWithP256AndThreeWithRSA() throws {
        let plugged = try PluggedKey {
            try $0.generate(.p256, in: .signature)
            try $0.generate(.rsa2048, in: .authentication)
        }
        try plugged.folder.write("message", "to be signed")
        for (slot, name) in [("9c", "ECCP256"), ("9a", "RSA2048")] {
            plugged.key.clearLog()
            try plugged.pivTool(
                "-a", "verify-pin", "-P", "123456", "--sign", "-s", slot, "-A", name, "-i", "message", "-o", "signature"
            ).succeeded()
            let expected: [UInt8] = name == "RSA2048" ? [0x20, 0x87, 0x87, 0xC0] : [0x20, 0x87]
            #expect(
                Array(plugged.key.log.instructions.filter { [0x20, 0x87, 0xC0].contains($0) }.suffix(expected.count))
                    == expected)
        }
    }

    @Test func aReaderThatNobodyListensToIsRefusedWithItsPort() throws {
        try PCSCNamespace.require()
        #expect(throws: ReaderError.self) { try YubiKey().plug(intoPort: 40_000, seconds: 0) }
    }
}
