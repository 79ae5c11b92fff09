import KeyStoreCore
import KeyStorePlugin
import Testing
import VirtualYubiKey

@testable import PIVKeyStore

/// Keys that want to be touched.
@Suite(.serialized)
struct TouchTests {
    @Test(arguments: [VirtualYubiKey.Slot.authentication, .signature])
    func aTouchIsAnnouncedBeforeItIsAwaited(_ slot: VirtualYubiKey.Slot) throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: slot, touchPolicy: .always)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=\(slot)"))
        #expect(key.info.protection.contains(.touch))
        _ = try key.sign([1])
        let notices = bench.host.notices
        try #require(notices.count == 2)
        guard case .touchAwaited(let text) = notices[0], case .awaitedDone = notices[1] else {
            Issue.record("\(notices)")
            return
        }
        #expect(text.contains("\(slot)") && text.contains("112233"))
        session.close()
    }

    @Test(
        arguments: [VirtualYubiKey.Slot.authentication, .signature],
        [TouchBehaviour.denied, .never(timeoutSeconds: 0.2)])
    func aTouchThatDoesNotComeIsNoWrongPINAndLeavesTheCardFree(_ slot: VirtualYubiKey.Slot, _ touch: TouchBehaviour) throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: slot, touchPolicy: .always)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=\(slot)"))
        bench.key.touch = touch
        let error = try failure { try key.sign([1]) }
        error.expect(.touchTimeout)
        #expect(error.native?.number == 0x6982)
        #expect(bench.key.pinTriesLeft == 3)
        let manager = try ResourceManager(waitingAtMost: .milliseconds(500))
        let other = try Card(in: try manager.readers()[0], manager, trace: nil)
        #expect(try other.checkedPINStatus() == .verified)
        bench.key.touch = .granted
        _ = try key.sign([1])
        session.close()
    }

    @Test func aTouchThatComesLateIsWaitedFor() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication, touchPolicy: .always)
        let session = try bench.session(login: .atOnce, timeoutMilliseconds: 100)
        bench.key.touch = .grantedAfter(seconds: 0.5)
        _ = try session.key(at: KeyStoreURI("piv:slot=9a")).sign([1])
        session.close()
    }

    @Test func anUnplugInMidTouchIsTokenRemoved() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication, touchPolicy: .always)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        bench.key.touch = .byHand(timeoutSeconds: 30)
        let unplugger = Unplugger(bench.key)
        try failure { try key.sign([1]) }.expect(.tokenRemoved)
        unplugger.wait()
        session.close()
    }
}
