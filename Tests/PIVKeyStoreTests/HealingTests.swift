import KeyStoreCore
import KeyStorePlugin
import Testing
import VirtualYubiKey

/// Keys that are pulled out, and what is there afterwards.
@Suite(.serialized)
struct HealingTests {
    @Test func aKeyThatIsPutBackSignsAfterOneLoginFromTheSource() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        try bench.unplug()
        try bench.key.plug(intoPort: bench.daemon.ports[0])
        _ = try key.sign([1])
        #expect(bench.host.requests.count == 2 && bench.key.pinTriesLeft == 3)
        session.close()
    }

    @Test func aKeyThatIsPutIntoAnotherReaderIsFoundThere() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        try bench.unplug()
        try bench.key.plug(intoPort: bench.daemon.ports[1])
        _ = try key.sign([1])
        session.close()
    }

    @Test func aKeyThatIsGoneIsTokenRemovedAndIsUsedAgainOnceItIsBack() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        try bench.unplug()
        for _ in 0..<2 { try failure { try key.sign([1]) }.expect(.tokenRemoved) }
        try bench.key.plug(intoPort: bench.daemon.ports[0])
        _ = try key.sign([1])
        session.close()
    }

    @Test func anotherDeviceInItsPlaceIsIdentityChangedAndIsSentNoPIN() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        try bench.unplug()
        let other = try YubiKey(serial: 445_566)
        try other.generate(.p256, in: .authentication)
        try other.plug(intoPort: bench.daemon.ports[0])
        defer { other.unplug() }
        try failure { try key.sign([1]) }.expect(.identityChanged)
        #expect(other.pinTriesLeft == 3)
        #expect(!other.log.entries.contains { $0.ins == 0x20 && $0.lc > 0 })
        session.close()
    }

    @Test func anotherKeyInTheSlotIsIdentityChanged() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        try bench.unplug()
        try bench.key.generate(.p256, in: .authentication)
        try bench.key.plug(intoPort: bench.daemon.ports[0])
        try failure { try key.sign([1]) }.expect(.identityChanged)
        session.close()
    }

    @Test func anEmptiedSlotIsNoSuchKey() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        bench.key.removeKey(in: .authentication)
        try failure { try key.sign([1]) }.expect(.noSuchKey)
        session.close()
    }

    /// The key is pulled out instead of answering the Nth command of each operation; the operation fails as one that met a
    /// removed token, and costs no PIN try.
    @Test(arguments: Operation.allCases)
    func anUnplugInTheMiddleOfEachOperationIsTokenRemoved(_ operation: Operation) throws {
        let bench = try Bench(.v5_7_1)
        let subject = try operation.prepare(bench)
        bench.key.fail(atAPDU: operation.command, with: .unplug)
        try failure { try subject() }.expect(.tokenRemoved)
        #expect(bench.key.pinTriesLeft == 3)
    }

    @Test func aBlinkInTheMiddleOfASignatureIsSurvivedOrToldAsWhatItIs() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        bench.key.fail(atAPDU: 1, instruction: 0x87, with: .reconnect)
        do { _ = try key.sign([1]) } catch let error as KeyStoreError { error.expect(.tokenRemoved) }
        #expect(bench.key.pinTriesLeft == 3)
        session.close()
    }

    @Test func aSignatureWithAPINOfItsOwnIsNotRepeated() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .signature)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9c"))
        bench.key.fail(atAPDU: 1, instruction: 0x87, with: .unplugAfterwards)
        let asked = bench.host.requests.count
        try failure { try key.sign([1]) }.expect(.tokenRemoved)
        #expect(bench.host.requests.count == asked + 1)
        session.close()
    }
}
