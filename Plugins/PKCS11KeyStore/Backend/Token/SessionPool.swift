import CP11Kit
import Glibc
import KeyStoreCore

/// The sessions of the module's that this process has open on one token. Each operation borrows one, so that there need be
/// only as many as there are operations at a time, and no more than the token has.
///
/// Whoever had a session before gets the same one again where that can be. When there is none to be had, operations wait in
/// the order of their arrival. Sessions stay open when nobody uses them, because a token logs out with its last one.
final class SessionPool: @unchecked Sendable {
    private final class Waiter {
        let isWritable: Bool
        let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        var isServed = false
        var session: ModuleSession?

        init(isWritable: Bool) {
            self.isWritable = isWritable
            pthread_cond_init(wake, nil)
        }

        deinit {
            pthread_cond_destroy(wake)
            wake.deallocate()
        }
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Signalled when the last borrowed session is back, and when a suspension ends.
    private let settled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    // Everything below is guarded by the mutex, which is held during no call of the module.
    private var idle: [ModuleSession] = []
    private var waiters: [Waiter] = []
    /// Sessions that are open, being opened, or borrowed.
    private var openCount = 0
    private var writableCount = 0
    private var borrowedCount = 0
    private var limits = SessionLimits.none
    private var isSuspended = false
    private var currentEpoch = 0
    private var lastNumber = 0

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(settled, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(settled)
        pthread_mutex_destroy(mutex)
        settled.deallocate()
        mutex.deallocate()
    }

    /// Counts the times that every session was lost. What belongs to an earlier one is dead.
    var epoch: Int { locked { currentEpoch } }

    /// How many operations wait for a session.
    var waitingCount: Int { locked { waiters.count } }

    /// What the token says of how many sessions it has; taken into account from now on.
    func setLimits(_ limits: SessionLimits) { locked { self.limits = limits } }

    // MARK: Borrowing

    /// Borrows a session: `preferred` where it is free, another one, or a new one. Waits where the token has no more.
    /// Throws `busy` where it has none for this process at all.
    func borrow(
        on slot: Slot, isWritable: Bool, owner: Int, preferred: ModuleSession?
    ) throws(KeyStoreError) -> ModuleSession {
        var isFirst = false
        pthread_mutex_lock(mutex)
        while true {
            while isSuspended { pthread_cond_wait(settled, mutex) }
            if isFirst || waiters.isEmpty {
                if let session = takeOwn(preferred) ?? takeUnowned(isWritable: isWritable) {
                    return unlocked(lending: session, to: owner)
                }
                if mayOpen(isWritable: isWritable) {
                    // Counted before the module is asked, which others may do meanwhile.
                    count(isWritable, by: 1)
                    let opened = open(on: slot, isWritable: isWritable)
                    switch opened {
                    case .success(let session): return unlocked(lending: session, to: owner)
                    case .failure(let error):
                        count(isWritable, by: -1)
                        guard error.native?.number == Int64(CKR_SESSION_COUNT), openCount > 0 else {
                            serveNext()
                            pthread_mutex_unlock(mutex)
                            throw error
                        }
                        limits.lower(to: openCount, writable: isWritable ? writableCount : nil)
                    }
                    continue
                }
                if let session = takeAny(isWritable: isWritable) { return unlocked(lending: session, to: owner) }
                if let other = idle.popLast() {
                    // Of the kind that cannot write: its place is needed for one that can.
                    count(other.isWritable, by: -1)
                    pthread_mutex_unlock(mutex)
                    slot.module.close(other.handle)
                    pthread_mutex_lock(mutex)
                    continue
                }
            }
            let waiter = Waiter(isWritable: isWritable)
            // Whoever was called and found nothing keeps the first place.
            waiters.insert(waiter, at: isFirst ? 0 : waiters.count)
            while !waiter.isServed { pthread_cond_wait(waiter.wake, mutex) }
            if let session = waiter.session {
                // It counts as borrowed since it was handed over.
                borrowedCount -= 1
                if session.epoch == currentEpoch { return unlocked(lending: session, to: owner) }
                if borrowedCount == 0 { pthread_cond_broadcast(settled) }
            }
            isFirst = true
        }
    }

    /// Takes a session back. It has no operation in progress.
    func giveBack(_ session: ModuleSession, on slot: Slot) {
        pthread_mutex_lock(mutex)
        if session.epoch == currentEpoch, !isSuspended, let waiter = waiters.first,
            session.isWritable || !waiter.isWritable
        {
            waiters.removeFirst()
            serve(waiter, session)
            pthread_mutex_unlock(mutex)
            return
        }
        borrowedCount -= 1
        if borrowedCount == 0 { pthread_cond_broadcast(settled) }
        guard session.epoch == currentEpoch else {
            // Dead, or as good as dead. Not closed: the module may have given its number to another one by now.
            pthread_mutex_unlock(mutex)
            return
        }
        idle.append(session)
        serveNext()
        let surplus = surplusSession()
        pthread_mutex_unlock(mutex)
        if let surplus { slot.module.close(surplus.handle) }
    }

    /// Takes another session of the module's in place of a borrowed one that is stuck in an operation: before PKCS #11 3.0
    /// there is no other way to end one. The second answer says whether the token was without any session for a moment, and
    /// so has logged out.
    func replace(
        _ session: ModuleSession, on slot: Slot
    ) throws(KeyStoreError) -> (session: ModuleSession, wasAlone: Bool) {
        pthread_mutex_lock(mutex)
        guard session.epoch == currentEpoch else {
            pthread_mutex_unlock(mutex)
            throw KeyStoreError(.tokenRemoved, "the token has ended the session", operation: "replace session")
        }
        // The new one first: if the old one is the last, closing it would log out.
        var opened = open(on: slot, isWritable: session.isWritable)
        var wasAlone = false
        if case .failure(let error) = opened, error.code == .busy {
            wasAlone = openCount == 1
            pthread_mutex_unlock(mutex)
            slot.module.close(session.handle)
            pthread_mutex_lock(mutex)
            opened = open(on: slot, isWritable: session.isWritable)
        } else if case .success = opened {
            pthread_mutex_unlock(mutex)
            slot.module.close(session.handle)
            pthread_mutex_lock(mutex)
        }
        defer { pthread_mutex_unlock(mutex) }
        let replacement = try opened.get()
        replacement.owner = session.owner
        return (replacement, wasAlone)
    }

    /// Says that a borrowed session is gone, and is neither to be closed nor given back.
    func forget(_ session: ModuleSession) {
        locked {
            borrowedCount -= 1
            if borrowedCount == 0 { pthread_cond_broadcast(settled) }
            guard session.epoch == currentEpoch else { return }
            count(session.isWritable, by: -1)
            serveNext()
        }
    }

    /// Lets others have the sessions that this owner wanted back.
    func disown(_ owner: Int) {
        locked { for session in idle where session.owner == owner { session.owner = 0 } }
    }

    // MARK: All sessions

    /// Forgets every session, borrowed ones too; returns those that nobody uses, for closing.
    func forgetAll() -> [ModuleSession] {
        locked {
            let unused = idle
            idle = []
            openCount = 0
            writableCount = 0
            currentEpoch += 1
            limits = .none
            for waiter in waiters { serve(waiter, nil) }
            waiters = []
            return unused
        }
    }

    /// Takes out the sessions that nobody uses, for closing. The epoch stays.
    func takeIdle() -> [ModuleSession] {
        locked {
            let unused = idle
            idle = []
            for session in unused { count(session.isWritable, by: -1) }
            return unused
        }
    }

    /// Lends nothing from now on, and waits until nothing is borrowed any more. False if that takes longer; then all is as it
    /// was. Otherwise `resume()` must follow.
    func suspend(milliseconds: Int) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        deadline.tv_sec += milliseconds / 1000
        deadline.tv_nsec += milliseconds % 1000 * 1_000_000
        if deadline.tv_nsec >= 1_000_000_000 {
            deadline.tv_sec += 1
            deadline.tv_nsec -= 1_000_000_000
        }
        pthread_mutex_lock(mutex)
        isSuspended = true
        while borrowedCount > 0, pthread_cond_timedwait(settled, mutex, &deadline) == 0 {}
        let isQuiet = borrowedCount == 0
        pthread_mutex_unlock(mutex)
        if !isQuiet { resume() }
        return isQuiet
    }

    func resume() {
        locked {
            isSuspended = false
            pthread_cond_broadcast(settled)
        }
    }

    // MARK: Under the mutex

    private func takeOwn(_ preferred: ModuleSession?) -> ModuleSession? {
        guard let preferred, let index = idle.firstIndex(where: { $0 === preferred }) else { return nil }
        return idle.remove(at: index)
    }

    private func takeUnowned(isWritable: Bool) -> ModuleSession? {
        guard let index = idle.firstIndex(where: { $0.owner == 0 && $0.isWritable == isWritable }) else { return nil }
        return idle.remove(at: index)
    }

    /// The one that has been unused longest. One that can write does for reading too.
    private func takeAny(isWritable: Bool) -> ModuleSession? {
        guard let index = idle.firstIndex(where: { $0.isWritable || !isWritable }) else { return nil }
        return idle.remove(at: index)
    }

    private func mayOpen(isWritable: Bool) -> Bool {
        openCount < limits.all && (!isWritable || writableCount < limits.writable)
    }

    private func count(_ isWritable: Bool, by change: Int) {
        openCount += change
        if isWritable { writableCount += change }
    }

    /// Asks the module, with the mutex let go meanwhile.
    private func open(on slot: Slot, isWritable: Bool) -> Result<ModuleSession, KeyStoreError> {
        let epoch = currentEpoch
        borrowedCount += 1
        pthread_mutex_unlock(mutex)
        let result: Result<CK_SESSION_HANDLE, KeyStoreError>
        do throws(KeyStoreError) {
            result = .success(try slot.module.openSession(on: slot.id, isWritable: isWritable))
        } catch {
            result = .failure(error)
        }
        pthread_mutex_lock(mutex)
        borrowedCount -= 1
        if borrowedCount == 0 { pthread_cond_broadcast(settled) }
        lastNumber += 1
        return result.map { ModuleSession($0, isWritable: isWritable, number: lastNumber, epoch: epoch) }
    }

    private func serve(_ waiter: Waiter, _ session: ModuleSession?) {
        waiter.isServed = true
        waiter.session = session
        pthread_cond_signal(waiter.wake)
    }

    /// Lets the first one in the queue look for itself.
    private func serveNext() {
        guard !waiters.isEmpty else { return }
        serve(waiters.removeFirst(), nil)
    }

    private func surplusSession() -> ModuleSession? {
        guard idle.count > Self.maximumIdle, let index = idle.firstIndex(where: { $0.owner == 0 }) else { return nil }
        let surplus = idle.remove(at: index)
        count(surplus.isWritable, by: -1)
        return surplus
    }

    private func unlocked(lending session: ModuleSession, to owner: Int) -> ModuleSession {
        borrowedCount += 1
        session.owner = owner
        pthread_mutex_unlock(mutex)
        return session
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    private static let maximumIdle = 16
}
