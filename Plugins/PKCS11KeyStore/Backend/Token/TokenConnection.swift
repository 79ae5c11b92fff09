import CP11Kit
import KeyStoreCore
import Synchronization

/// This process's link to one token: the login, which PKCS #11 has once for each process and token, and the module's
/// sessions. There is one for all stores that are open on the token, and it ends with the last of them.
final class TokenConnection: Sendable {
    private struct State {
        var slot: Slot
        /// Whether the token went away, so that nothing is done before it was found again.
        var isLost = false
        var mechanisms: Mechanisms?
        /// How often it was looked for in vain, and why the last time.
        var failedAttempts = 0
        var lastFailure: KeyStoreError?
    }

    let gate: LoginGate
    let pool: SessionPool
    /// Held from the check that a name is free until it is taken.
    let naming = Mutex(())
    let objects = ObjectAccess()
    private let state: Mutex<State>
    private let openSessions = Atomic(0)

    init(_ slot: Slot) {
        gate = LoginGate()
        pool = SessionPool(gate: gate)
        state = Mutex(State(slot: slot))
        pool.setLimits(slot.sessionLimits)
    }

    deinit {
        if !ForkGuard.isForked { closeIdle() }
    }

    /// The slot and token as they were when the connection was made, or found again.
    var slot: Slot { state.withLock { $0.slot } }

    var module: Module { slot.module }

    /// Whether this is the token in the slot, and not one that was there before.
    func isFor(_ slot: Slot) -> Bool { self.slot.hasSameToken(as: slot) }

    /// What the token can do, asked for once.
    func mechanisms() throws(KeyStoreError) -> Mechanisms {
        let (known, slot) = state.withLock { ($0.mechanisms, $0.slot) }
        if let known { return known }
        let asked = try Mechanisms(of: slot)
        state.withLock { $0.mechanisms = asked }
        return asked
    }

    /// Forgets the login and all sessions, because the module is about to end them all, or has. Their handles may be given to
    /// others later.
    func forgetAll() {
        // First, so that whoever sees the new epoch sees that too.
        state.withLock { $0.isLost = true }
        _ = pool.forgetAll()
        gate.reset()
    }

    /// Closes the sessions that nobody uses. They come back as they are needed; a login may end with them.
    func closeIdle() {
        let module = module
        for session in pool.takeIdle() { module.close(session.handle) }
    }

    /// How many sessions of this backend's are open on the token.
    var openSessionCount: Int { openSessions.load(ordering: .relaxed) }

    func noteOpenedSession() { openSessions.add(1, ordering: .relaxed) }

    func noteClosedSession() { openSessions.subtract(1, ordering: .relaxed) }

    /// Runs what must have the token to itself, with all of the module's sessions in this process closed. A login ends with
    /// them. Throws `busy` where others have a session open.
    func withTokenAlone<Result>(_ body: () throws(KeyStoreError) -> Result) throws(KeyStoreError) -> Result {
        // What looks for the token again, and might begin the module anew, waits meanwhile.
        try module.healing.withLock { (_) throws(KeyStoreError) in
            guard openSessionCount == 0, pool.suspend(milliseconds: 0) else {
                throw KeyStoreError(
                    .busy, "this program has a session open on the token; close it first, and try again")
            }
            defer { pool.resume() }
            closeIdle()
            gate.reset()
            return try body()
        }
    }

    // MARK: Finding the token again

    /// Remembers that the token went away: the next operation finds it again first. What happened in an earlier epoch is known.
    func lose(inEpoch epoch: Int) {
        state.withLock { if pool.epoch == epoch { $0.isLost = true } }
    }

    /// The slot, unless the token went away.
    var slotIfPresent: Slot? { state.withLock { $0.isLost ? nil : $0.slot } }

    /// Whether the token went away and was not found again yet.
    var isLost: Bool { state.withLock { $0.isLost } }

    /// Finds a token again that was lost. No PIN is sent, and no session is open afterwards. Throws `tokenRemoved` where it is
    /// not there, `identityChanged` where another token has its place. One looks for all: who waited for somebody who did not
    /// find it is told the same.
    func reconnect() throws(KeyStoreError) {
        let module = module
        let attempts = state.withLock { $0.failedAttempts }
        try module.healing.withLock { (_) throws(KeyStoreError) in
            let (isLost, known, failure) = state.withLock { ($0.isLost, $0.failedAttempts, $0.lastFailure) }
            guard isLost else { return }
            if known != attempts, let failure { throw failure }
            // Those that are idle are closed before the module makes others, which may get their numbers.
            for session in pool.forgetAll() { module.close(session.handle) }
            gate.reset()
            let found: Slot
            do throws(KeyStoreError) {
                found = try findTokenEverywhere()
            } catch {
                state.withLock { state in
                    state.failedAttempts += 1
                    state.lastFailure = error
                }
                throw error
            }
            pool.setLimits(found.sessionLimits)
            state.withLock { state in
                state.slot = found
                state.mechanisms = nil
                state.isLost = false
                state.lastFailure = nil
            }
        }
    }

    /// Some modules find a device or server again only when they begin anew.
    private func findTokenEverywhere() throws(KeyStoreError) -> Slot {
        do throws(KeyStoreError) {
            return try findToken()
        } catch {
            guard SessionLoss(error) != nil, (try? module.reinitialise(for: self)) == true else {
                throw Self.removed(error)
            }
            do throws(KeyStoreError) { return try findToken() } catch { throw Self.removed(error) }
        }
    }

    /// Whether the token answers, asked in one of its sessions.
    func isAlive(_ session: ModuleSession) -> Bool {
        let slot = slot
        guard !slot.module.hasEnded(session.handle), let current = try? Slot(slot.module, slot.id),
            isFor(current)
        else { return false }
        return slot.module.answers(session.handle)
    }

    private func findToken() throws(KeyStoreError) -> Slot {
        let known = slot
        var inPlace: Slot?
        var failure: KeyStoreError?
        for id in try known.module.slots(withToken: true) {
            do throws(KeyStoreError) {
                let candidate = try Slot(known.module, id)
                if candidate.hasSameToken(as: known) {
                    try demandAnswer(candidate)
                    return candidate
                }
                if id == known.id, candidate.token?.isInitialised == true { inPlace = candidate }
            } catch {
                failure = error
            }
        }
        if inPlace != nil {
            throw KeyStoreError(
                .identityChanged, "another token is in the slot than the one that was there; nothing was sent to it",
                operation: "find token again")
        }
        if let failure { throw failure }
        throw KeyStoreError(
            .tokenRemoved, "the token is not there any more", operation: "find token again",
            native: NativeError(
                domain: "PKCS#11", function: "C_GetSlotList", name: "CKR_TOKEN_NOT_PRESENT",
                number: Int64(CKR_TOKEN_NOT_PRESENT)))
    }

    /// A module may tell what it remembers of a token that is gone. One that makes a random number is there.
    private func demandAnswer(_ slot: Slot) throws(KeyStoreError) {
        let session: CK_SESSION_HANDLE
        do throws(KeyStoreError) {
            session = try slot.module.openSession(on: slot.id, isWritable: false)
        } catch {
            // Whoever counts its sessions is there.
            if error.native?.number == Int64(CKR_SESSION_COUNT) { return }
            throw error
        }
        defer { slot.module.close(session) }
        if !slot.module.answers(session) {
            throw KeyStoreError.pkcs11(CK_RV(CKR_DEVICE_ERROR), "C_GenerateRandom", during: "find token again")
        }
    }

    private static func removed(_ error: KeyStoreError) -> KeyStoreError {
        guard SessionLoss(error) != nil else { return error }
        var error = error
        error.code = .tokenRemoved
        error.message = "the token does not answer any more; try again when it is there"
        return error
    }
}
