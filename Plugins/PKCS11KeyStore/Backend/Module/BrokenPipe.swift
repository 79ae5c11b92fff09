import Glibc

/// Keeps the signal SIGPIPE, which ends a program, from coming out of a module that writes to a server or process that is
/// gone.
///
/// The program's handling of the signal is its own and stays as it is: the signal is held back in the calling thread only, for
/// the time of the call, and taken away if it came. The write itself fails, which the module sees.
enum BrokenPipe {
    static func held<Result>(_ body: () -> Result) -> Result {
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        // One that was waiting before is not ours to take.
        guard !isPending() else { return body() }
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &pipe, &before)
        defer {
            var atOnce = timespec()
            while isPending(), sigtimedwait(&pipe, nil, &atOnce) < 0, errno == EINTR {}
            pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        return body()
    }

    private static func isPending() -> Bool {
        var pending = sigset_t()
        sigpending(&pending)
        return sigismember(&pending, SIGPIPE) == 1
    }
}
