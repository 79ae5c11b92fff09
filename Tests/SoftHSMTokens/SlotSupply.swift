import Glibc

/// The slots whose tokens nobody uses now.
final class SlotSupply: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    // Guarded by the mutex. Neither is ever released: the supply lives as long as the process.
    private var slots: [UInt]

    init(_ slots: [UInt]) {
        self.slots = slots
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    /// Takes a slot, the one that has been unused longest; waits for one if there is none.
    func take() -> UInt {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while slots.isEmpty { pthread_cond_wait(changed, mutex) }
        return slots.removeFirst()
    }

    func giveBack(_ slot: UInt) {
        pthread_mutex_lock(mutex)
        slots.append(slot)
        pthread_cond_signal(changed)
        pthread_mutex_unlock(mutex)
    }
}
