public import Glibc
public import Synchronization

/// A number in memory that a forked process does not inherit, for backends whose library or device a child process must not use
/// through what its parent has opened. `getpid()` alone does not tell: in a namespace of its own a child may have the same number.
public struct ProcessMark: @unchecked Sendable {
    // Holds the process's number; in a child zero, where the kernel sees to that.
    @usableFromInline let number: UnsafeMutablePointer<Atomic<pid_t>>
    @usableFromInline let isWipedByKernel: Bool
    private let isMapped: Bool

    /// Makes a mark that is no process's. It lives as long as the process, unless `end()` is called.
    public init() {
        let length = Self.pageLength
        let page = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        if let page, page != MAP_FAILED {
            number = page.bindMemory(to: Atomic<pid_t>.self, capacity: 1)
            // MADV_WIPEONFORK, since Linux 4.14.
            isWipedByKernel = madvise(page, length, 18) == 0
            isMapped = true
        } else {
            number = .allocate(capacity: 1)
            isWipedByKernel = false
            isMapped = false
        }
        number.initialize(to: Atomic(0))
    }

    /// Whether `set()` was called in this process, and not only in one that it was forked from. Takes a nanosecond.
    @inlinable @inline(__always)
    public var isOfThisProcess: Bool {
        let number = number.pointee.load(ordering: .relaxed)
        return isWipedByKernel ? number != 0 : number == getpid()
    }

    /// Makes the mark this process's.
    public func set() { number.pointee.store(getpid(), ordering: .relaxed) }

    /// Gives the memory back. The mark, and every copy of it, is not to be used afterwards.
    public func end() {
        if isMapped { munmap(number, Self.pageLength) } else { number.deallocate() }
    }

    private static let pageLength = sysconf(Int32(_SC_PAGESIZE))
}
