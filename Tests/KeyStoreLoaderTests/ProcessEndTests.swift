import Glibc
import Synchronization
import Testing

@testable import KeyStoreLoader

/// What happens to calls of native libraries while the process ends.
@Suite struct ProcessEndTests {
    @Test func exitWaitsForACallThatHasBegunAndBeginsNoOther() async {
        await #expect(processExitsWith: .exitCode(7)) {
            // Registered first, so that it runs where a library's own handler would: last.
            atexit { _exit(CallLog.shared.finished.load(ordering: .acquiring) == 1 ? 7 : 8) }
            ProcessEnd.watch(afterOpening: "a store")
            let thread = try SessionThread()
            thread.perform {
                CallLog.shared.hasBegun.store(true, ordering: .releasing)
                while !ProcessEnd.isUnderWay { sched_yield() }
                CallLog.shared.finished.add(1, ordering: .acquiringAndReleasing)
            }
            thread.perform { CallLog.shared.finished.add(1, ordering: .acquiringAndReleasing) }
            while !CallLog.shared.hasBegun.load(ordering: .acquiring) { sched_yield() }
            exit(0)
        }
    }

    /// What a library keeps for a thread is freed while that ends, and may be freed by an exit handler too.
    @Test func exitWaitsForAThreadThatIsAboutToEnd() async {
        await #expect(processExitsWith: .exitCode(7)) {
            atexit { _exit(CallLog.shared.finished.load(ordering: .acquiring) == 1 ? 7 : 8) }
            ProcessEnd.watch(afterOpening: "a store")
            var key = pthread_key_t()
            pthread_key_create(&key) { _ in
                CallLog.shared.hasBegun.store(true, ordering: .releasing)
                while !ProcessEnd.isUnderWay { sched_yield() }
                CallLog.shared.finished.add(1, ordering: .acquiringAndReleasing)
            }
            let thread = try SessionThread()
            thread.perform { [key] in pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1)) }
            thread.stop()
            while !CallLog.shared.hasBegun.load(ordering: .acquiring) { sched_yield() }
            exit(0)
        }
    }
}

/// What the calls of one child process tell its exit handlers.
private final class CallLog: Sendable {
    static let shared = CallLog()
    let hasBegun = Atomic(false)
    let finished = Atomic(0)
}
