import KeyStoreCore
import Testing

@testable import ziti_keystore

/// Who may go to a token that rows share, and who may not any more.
struct BatchTokenTests {
    @Test func rowsWaitForTheFirstOneAndThenAllGo() async throws {
        let admission = TokenAdmission()
        #expect(try await admission.enter())
        async let second = admission.enter()
        async let third = admission.enter()
        admission.confirm()
        #expect(try await [second, third] == [false, false])
    }

    @Test func whereTheFirstOneFailsForItsOwnReasonAnotherGoesFirst() async throws {
        let admission = TokenAdmission()
        #expect(try await admission.enter())
        async let second = admission.enter()
        admission.giveUp()
        #expect(try await second)
    }

    @Test func nobodyGetsToATokenThatRefused() async throws {
        let admission = TokenAdmission()
        #expect(try await admission.enter())
        let second = Task { try await admission.enter() }
        admission.refuse(KeyStoreError(.pinIncorrect, "the PIN is wrong"))
        await #expect(throws: KeyStoreError(.pinIncorrect, "")) { try await second.value }
        await #expect(throws: KeyStoreError(.pinIncorrect, "")) { try await admission.enter() }
    }

    @Test func aTokenThatRefusesLaterIsClosedToo() async throws {
        let admission = TokenAdmission()
        #expect(try await admission.enter())
        admission.confirm()
        #expect(try await !admission.enter())
        admission.refuse(KeyStoreError(.pinLocked, "the PIN is locked"))
        await #expect(throws: KeyStoreError(.pinLocked, "")) { try await admission.enter() }
        // What comes too late changes nothing.
        admission.confirm()
        await #expect(throws: KeyStoreError(.pinLocked, "")) { try await admission.enter() }
    }

    @Test func whoIsCancelledWaitsNoLonger() async throws {
        let admission = TokenAdmission()
        #expect(try await admission.enter())
        let task = Task { try await admission.enter() }
        task.cancel()
        await #expect(throws: KeyStoreError(.cancelled, "")) { try await task.value }
        // And the next one still waits for the first.
        async let third = admission.enter()
        admission.confirm()
        #expect(try await !third)
    }

    @Test func aRowIsStoppedBeforeItsTokenIsSentAndNotAfter() {
        let before = SafePoint()
        var isCancelled = false
        before.stop { isCancelled = true }
        #expect(isCancelled && before.isStopped)
        let after = SafePoint()
        after.pass()
        after.stop { Issue.record("a row was stopped that has sent its token") }
        #expect(!after.isStopped)
    }
}
