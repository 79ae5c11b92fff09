import Glibc
import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// Refuses what a child process would do with the modules of its parent.
///
/// After `fork` a module in the child shares sockets, handles and locks with the parent's: a child that calls it, were it
/// only to close a session, disturbs the parent with some modules. So a process whose parent had a store open when it forked
/// makes no call into any module. One that forked while no store was open starts afresh, and one that calls `exec` does so
/// always.
///
/// There are no fork handlers, as a library's reach into its host should not go that far.
enum ForkGuard {
    /// Says whose process this is.
    static let mark = ProcessMark()
    private static let useCount = Atomic<Int>(0)

    /// Whether a module was in use when this process was forked from the one that used it.
    static var isForked: Bool {
        useCount.load(ordering: .relaxed) > 0 && !mark.isOfThisProcess
    }

    /// Throws `unsupportedOperation` in a process that was forked while a module was in use. Takes no lock, as another thread
    /// may have held it when the process was forked.
    static func demandSameProcess() throws(KeyStoreError) {
        if _slowPath(isForked) { throw refusal() }
    }

    /// Notes that a module is about to be used. Every success is paired with `end()`.
    static func begin() throws(KeyStoreError) {
        try demandSameProcess()
        mark.set()
        useCount.add(1, ordering: .relaxed)
    }

    /// Notes that a module is not used any more.
    static func end() { useCount.subtract(1, ordering: .relaxed) }

    @inline(never)
    private static func refusal() -> KeyStoreError {
        KeyStoreError(
            .unsupportedOperation,
            "this process was forked from one that had a PKCS#11 store open, and must not use its modules; a program opens "
                + "PKCS#11 stores after its last fork, or calls exec",
            operation: "use module after fork")
    }
}
