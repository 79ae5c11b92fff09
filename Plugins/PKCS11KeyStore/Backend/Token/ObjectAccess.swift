import Glibc

/// Keeps looking for objects apart from changing those on the token, for all threads of this process: many look at a time, or one
/// changes. A module may be called from several threads, and SoftHSM 2.6.1 for one takes an object that another thread is just
/// making for one that was removed, and fails with `CKR_GENERAL_ERROR`. Each is held for one call of the module's.
final class ObjectAccess: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>

    init() {
        lock = .allocate(capacity: 1)
        var attributes = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&attributes)
        // So that those who look, one after the other, do not keep a change waiting for ever.
        pthread_rwlockattr_setkind_np(&attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        pthread_rwlock_init(lock, &attributes)
        pthread_rwlockattr_destroy(&attributes)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    /// Runs a call that looks for objects.
    func looking<Result>(_ call: () -> Result) -> Result {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        return call()
    }

    /// Runs a call that makes, changes or destroys objects on the token.
    func changing<Result>(_ call: () -> Result) -> Result {
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        return call()
    }
}
