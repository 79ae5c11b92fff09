import CP11Kit
import KeyStoreCore
import Synchronization

/// This process's link to one token: the login, which PKCS #11 has once for each process and token, and sessions to reuse.
///
/// A token logs out when its last session is closed, so that finished sessions stay here, open, until the last store on the
/// token is gone.
final class TokenConnection: Sendable {
    private struct Idle {
        var readOnly: [CK_SESSION_HANDLE] = []
        var writable: [CK_SESSION_HANDLE] = []
    }

    /// The slot and token as they were when the connection was made.
    let slot: Slot
    let gate = LoginGate()
    private let idle = Mutex(Idle())
    private let knownMechanisms = Mutex<Mechanisms?>(nil)

    init(_ slot: Slot) { self.slot = slot }

    deinit { closeIdle() }

    /// Whether this is the token in the slot, and not one that was there before.
    func isFor(_ slot: Slot) -> Bool {
        let (mine, other) = (self.slot.token, slot.token)
        return mine?.serial == other?.serial && mine?.label == other?.label && mine?.model == other?.model
    }

    /// An open session: a finished one, or a new one.
    func takeSession(isWritable: Bool) throws(KeyStoreError) -> CK_SESSION_HANDLE {
        while let reused = idle.withLock({ isWritable ? $0.writable.popLast() : $0.readOnly.popLast() }) {
            if slot.module.state(of: reused) != nil { return reused }
            // The token ended the session, and with its sessions the login.
            slot.module.close(reused)
            gate.reset()
        }
        do {
            return try slot.module.openSession(on: slot.id, isWritable: isWritable)
        } catch {
            // Sessions of the other kind that nobody uses may be what the token is short of.
            guard error.code == .busy, closeIdle() else { throw error }
            return try slot.module.openSession(on: slot.id, isWritable: isWritable)
        }
    }

    /// Takes a session back. It must have no operation in progress.
    func giveBack(_ handle: CK_SESSION_HANDLE, isWritable: Bool) {
        let surplus: CK_SESSION_HANDLE? = idle.withLock { idle in
            if isWritable {
                guard idle.writable.count < Self.maximumIdle else { return handle }
                idle.writable.append(handle)
            } else {
                guard idle.readOnly.count < Self.maximumIdle else { return handle }
                idle.readOnly.append(handle)
            }
            return nil
        }
        if let surplus { slot.module.close(surplus) }
    }

    /// What the token can do, asked for once.
    func mechanisms() throws(KeyStoreError) -> Mechanisms {
        try knownMechanisms.withLock { known throws(KeyStoreError) in
            if let known { return known }
            let asked = try Mechanisms(of: slot)
            known = asked
            return asked
        }
    }

    /// Forgets the login and the sessions that nobody uses, because the module is about to end them all. Their handles may
    /// be given to others later.
    func forgetAll() {
        idle.withLock { $0 = Idle() }
        gate.reset()
    }

    /// Closes the sessions that nobody uses. False if there was none.
    @discardableResult
    private func closeIdle() -> Bool {
        let handles = idle.withLock { idle in
            defer { idle = Idle() }
            return idle.readOnly + idle.writable
        }
        for handle in handles { slot.module.close(handle) }
        return !handles.isEmpty
    }

    private static let maximumIdle = 16
}
