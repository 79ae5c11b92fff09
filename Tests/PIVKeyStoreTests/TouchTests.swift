import KeyStoreCore
import KeyStoreLoader
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
    func aTouchThatDoesNotComeIsNoWrongPINAndLeavesTheCardFree(_ slot: VirtualYubiKey.Slot, _ touch: TouchBehaviour)
        throws
    {
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

    @Test func aCallThatIsGivenUpInMidTouchEndsAtOnceAndLeavesNoTransactionOpen() async throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication, touchPolicy: .always)
        bench.key.touch = .byHand(timeoutSeconds: 30)
        let key = try await BackendLoader().key(at: "piv:slot=9a", pin: .value(try PIN("123456")))
        let signing = Task { try await key.sign([1], using: .ecdsaP256SHA256) }
        await Awaiting(bench.key).touch()
        signing.cancel()
        let result = await signing.result
        #expect(throws: KeyStoreError(.cancelled, "")) { try result.get() }
        bench.key.giveTouch()
        bench.key.touch = .granted
        let session = try bench.session(login: .atOnce)
        _ = try session.key(at: KeyStoreURI("piv:slot=9a")).sign([2])
        session.close()
    }

    @Test func aManagementKeyThatWantsATouchAnnouncesIt() throws {
        let bench = try Bench()
        bench.key.setManagementKey([UInt8](repeating: 7, count: 24), .tripleDES, touchPolicy: .always)
        bench.host.answers[.managementKey] = String(repeating: "07", count: 24)
        let session = try bench.session()
        _ = try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9a"))
        guard case .touchAwaited? = bench.host.notices.first, case .awaitedDone? = bench.host.notices.last else {
            Issue.record("\(bench.host.notices)")
            return
        }
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
