import Glibc
import Synchronization

/// A number in memory that a forked process does not inherit.
struct ProcessMark: @unchecked Sendable {
    // Lives as long as the process. Holds the process's number; in a child zero, where the kernel sees to that.
    private let number: UnsafeMutablePointer<Atomic<pid_t>>
    private let isWipedByKernel: Bool

    init() {
        let length = sysconf(Int32(_SC_PAGESIZE))
        let page = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        if let page, page != MAP_FAILED {
            number = page.bindMemory(to: Atomic<pid_t>.self, capacity: 1)
            // MADV_WIPEONFORK, since Linux 4.14.
            isWipedByKernel = madvise(page, length, 18) == 0
        } else {
            number = .allocate(capacity: 1)
            isWipedByKernel = false
        }
        number.initialize(to: Atomic(0))
    }

    /// Whether `set()` was called in this process, and not only in one that it was forked from.
    @inline(__always)
    var isOfThisProcess: Bool {
        let number = number.pointee.load(ordering: .relaxed)
        return isWipedByKernel ? number != 0 : number == getpid()
    }

    /// Makes the mark this process's.
    func set() { number.pointee.store(getpid(), ordering: .relaxed) }
}
