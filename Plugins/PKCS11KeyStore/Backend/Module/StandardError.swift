import Glibc
import Synchronization

/// Keeps what modules write to the standard error out of the program's.
enum StandardError {
    private static let lock = Mutex(())

    /// Runs `body` with the process's standard error thrown away. There is one for all threads, so this is for the short
    /// time in which modules that nobody named are tried.
    static func silenced<Value: Sendable>(_ body: () -> Value) -> Value {
        lock.withLock { _ in
            let kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
            let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
            guard kept >= 0, nowhere >= 0, dup2(nowhere, STDERR_FILENO) >= 0 else {
                if kept >= 0 { close(kept) }
                if nowhere >= 0 { close(nowhere) }
                return body()
            }
            close(nowhere)
            defer {
                dup2(kept, STDERR_FILENO)
                close(kept)
            }
            return body()
        }
    }
}
