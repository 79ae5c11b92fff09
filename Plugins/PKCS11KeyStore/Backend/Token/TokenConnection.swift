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
    }

    let gate = LoginGate()
    let pool = SessionPool()
    private let state: Mutex<State>
    private let openSessions = Atomic(0)

    init(_ slot: Slot) {
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
        _ = pool.forgetAll()
        gate.reset()
        state.withLock { $0.isLost = true }
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

    /// Remembers that the token went away: the next operation finds it again first.
    func lose() { state.withLock { $0.isLost = true } }

    /// Whether the token went away and was not found again yet.
    var isLost: Bool { state.withLock { $0.isLost } }

    /// Finds the token again, unless somebody has since the epoch in which it was lost. No PIN is sent, and no session is
    /// open afterwards. Throws `tokenRemoved` where it is not there, `identityChanged` where another token has its place.
    func reconnect(after epoch: Int) throws(KeyStoreError) {
        let module = module
        try module.healing.withLock { (_) throws(KeyStoreError) in
            guard pool.epoch == epoch || isLost else { return }
            // Those that are idle are closed before the module makes others, which may get their numbers.
            if pool.epoch == epoch { for session in pool.forgetAll() { module.close(session.handle) } }
            gate.reset()
            state.withLock { $0.isLost = true }
            var found: Slot
            do throws(KeyStoreError) {
                found = try findToken()
            } catch {
                // Some modules find a device or server again only when they begin anew.
                guard SessionLoss(error) != nil, try module.reinitialise() else { throw Self.removed(error) }
                do throws(KeyStoreError) { found = try findToken() } catch { throw Self.removed(error) }
            }
            state.withLock { state in
                state.slot = found
                state.mechanisms = nil
                state.isLost = false
            }
            pool.setLimits(found.sessionLimits)
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
        if let failure { throw failure }
        if inPlace != nil {
            throw KeyStoreError(
                .identityChanged, "another token is in the slot than the one that was there; nothing was sent to it",
                operation: "find token again")
        }
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
