import Glibc

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

    init() {
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

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
        return true
    }

    /// Forgets a login that the token has ended.
    func reset() {
        pthread_mutex_lock(mutex)
        // Whoever is logging in now will say what comes of it.
        if state == .loggedIn { state = .loggedOut }
        fingerprint = nil
        pthread_mutex_unlock(mutex)
    }

    /// Says what came of the login.
    func leave(loggedIn: Bool, pin: PINFingerprint?) {
        pthread_mutex_lock(mutex)
        state = loggedIn ? .loggedIn : .loggedOut
        fingerprint = loggedIn ? pin : nil
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }
}
