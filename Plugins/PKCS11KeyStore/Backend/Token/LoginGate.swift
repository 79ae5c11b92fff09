import Glibc
import LibCrypto
import Synchronization

/// Lets one thread log in while others wait for what comes of it. A login counts for the whole process, so that two sessions
/// which need one at the same time must not both ask for the PIN.
final class LoginGate: @unchecked Sendable {
    private enum State {
        case loggedOut
        case loggingIn
        case loggedIn
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    // Guarded by the mutex, which is not held while a person is asked.
    private var state = State.loggedOut
    private var fingerprint: PINFingerprint?
    /// Counts logins and their ends. Changed under the mutex, read without.
    private let count = Atomic(0)
    private var countAtEntry = 0

    init() {
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        // In a forked process the destruction would wait for threads that are the parent's.
        guard !ForkGuard.isForked else { return }
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Which login this is: another number after each login, and after each end of one. What was found in an earlier one is
    /// not used any more.
    var generation: Int { count.load(ordering: .relaxed) }

    /// Whether somebody has logged in.
    var isLoggedIn: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return state == .loggedIn
    }

    /// What is remembered of the PIN that logged in; nil where there was none, or none yet.
    var pin: PINFingerprint? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return fingerprint
    }

    /// Waits while another thread logs in. True if the caller must log in and then call `leave`.
    func enter() -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while state == .loggingIn { pthread_cond_wait(changed, mutex) }
        guard state == .loggedOut else { return false }
        state = .loggingIn
        countAtEntry = generation
        return true
    }

    /// Forgets a login that the token has ended: whichever it is, or only the one of that generation, as others may have
    /// noticed its end before and have logged in again.
    func reset(ifGeneration known: Int? = nil) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard known == nil || known == generation else { return }
        // Whoever is logging in now learns from the count that it was in vain.
        if state == .loggedIn { state = .loggedOut }
        fingerprint = nil
        count.add(1, ordering: .relaxed)
    }

    /// Says what came of the login.
    func leave(loggedIn: Bool, pin: PINFingerprint?) {
        pthread_mutex_lock(mutex)
        let counts = loggedIn && countAtEntry == generation
        state = counts ? .loggedIn : .loggedOut
        fingerprint = counts ? pin : nil
        count.add(1, ordering: .relaxed)
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }
}
