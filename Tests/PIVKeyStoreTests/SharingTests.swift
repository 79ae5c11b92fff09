import CPCSC
import KeyStoreCore
import KeyStorePlugin
import Testing
import VirtualYubiKey

@testable import PIVKeyStore

/// Other programs at the same card. Here they are other connections to pcscd, which cannot tell.
@Suite(.serialized)
struct SharingTests {
    private let pattern = "piv:slot=9a"

    private func other(_ bench: Bench) throws -> Card {
        let manager = try ResourceManager(waitingAtMost: .seconds(5))
        return try Card(in: try #require(try manager.readers().first), manager, trace: nil)
    }

    @Test func theCardIsNotHeldBetweenOperations() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI(pattern))
        _ = try key.sign([1])
        #expect(try other(bench).checkedPINStatus() == .verified)
        session.close()
    }

    @Test(arguments: [VirtualYubiKey.Slot.authentication, .signature])
    func anotherProgramsResetIsSurvivedWithOneLoginFromTheSource(_ slot: VirtualYubiKey.Slot) throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: slot)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=\(slot)"))
        _ = try key.sign([1])
        let asked = bench.host.requests.count
        try resetCard(bench)
        _ = try key.sign([2])
        #expect(bench.host.requests.count == asked + 1 && bench.key.pinTriesLeft == 3)
        session.close()
    }

    /// As a program does that ends its connection with a reset.
    private func resetCard(_ bench: Bench) throws {
        var (context, handle, protocolInUse) = (SCARDCONTEXT(), SCARDHANDLE(), UInt(0))
        try #require(SCardEstablishContext(UInt(SCARD_SCOPE_SYSTEM), nil, nil, &context) == 0)
        defer { SCardReleaseContext(context) }
        let manager = try ResourceManager(waitingAtMost: .seconds(5))
        let reader = try #require(try manager.readers().first)
        try #require(
            SCardConnect(context, reader, UInt(SCARD_SHARE_SHARED), UInt(SCARD_PROTOCOL_T1), &handle, &protocolInUse)
                == 0)
        try #require(SCardDisconnect(handle, UInt(SCARD_RESET_CARD)) == 0)
    }

    @Test func aLogoutByAnotherProgramIsFollowedByOneLoginAndTheSignature() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI(pattern))
        let card = try other(bench)
        try card.transaction { () throws(KeyStoreError) in
            _ = try card.send(Command(.verify, 0xFF, 0x80))
        }
        _ = try key.sign([1])
        #expect(bench.host.requests.count == 2 && bench.key.pinTriesLeft == 3)
        session.close()
    }

    @Test func aWrongPINOfAnotherProgramCostsItsOwnTryOnly() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI(pattern))
        let card = try other(bench)
        try card.transaction { () throws(KeyStoreError) in
            _ = try card.send(Command(.verify, 0, 0x80, Array("99999999".utf8)))
        }
        #expect(bench.key.pinTriesLeft == 2)
        _ = try key.sign([1])
        #expect(bench.key.pinTriesLeft == 3)
        session.close()
    }

    @Test func aTransactionThatAnotherProgramDoesNotEndIsBusyAndTheNextOperationWorks() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce, timeoutMilliseconds: 200)
        let key = try session.key(at: KeyStoreURI(pattern))
        let card = try other(bench)
        try card.transaction { () throws(KeyStoreError) in
            do { _ = try failure { try key.sign([1]) }.expect(.busy) } catch { Issue.record(error) }
        }
        _ = try key.sign([2])
        session.close()
    }

    @Test(arguments: [true, false])
    func aLoginIsForgottenAfterAWaitThatWasGivenUpUnlessAnotherProgramIsConnected(isShared: Bool) throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce, timeoutMilliseconds: 200)
        let key = try session.key(at: KeyStoreURI(pattern))
        let card = try other(bench)
        try card.transaction { () throws(KeyStoreError) in
            do { _ = try failure { try key.sign([1]) }.expect(.busy) } catch { Issue.record(error) }
        }
        if !isShared { card.disconnect() }
        bench.key.clearLog()
        session.close()
        #expect(bench.key.log.resetCount == (isShared ? 0 : 1))
        #expect(try other(bench).checkedPINStatus() == (isShared ? .verified : .needed(triesLeft: 3)))
    }

    @Test func aCardThatAnotherProgramHasForItselfIsBusy() throws {
        let bench = try Bench()
        var (context, handle, protocolInUse) = (SCARDCONTEXT(), SCARDHANDLE(), UInt(0))
        try #require(SCardEstablishContext(UInt(SCARD_SCOPE_SYSTEM), nil, nil, &context) == 0)
        defer { SCardReleaseContext(context) }
        let manager = try ResourceManager(waitingAtMost: .seconds(5))
        let reader = try #require(try manager.readers().first)
        try #require(
            SCardConnect(context, reader, UInt(SCARD_SHARE_EXCLUSIVE), UInt(SCARD_PROTOCOL_T1), &handle, &protocolInUse)
                == 0)
        let error = try failure { try bench.session(timeoutMilliseconds: 300) }
        error.expect(.busy)
        SCardDisconnect(handle, UInt(SCARD_LEAVE_CARD))
        try bench.session().close()
    }

    @Test func noOtherProgramComesBetweenAPINAndItsSignature() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .signature)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9c"))
        let disturber = try Disturber(bench)
        for count in 0..<100 { _ = try key.sign([UInt8(count)]) }
        disturber.stop()
        #expect(bench.key.pinTriesLeft == 3)
        session.close()
    }
}
