import Glibc

/// The signal for writing to what nobody reads any more.
enum BrokenPipeSignal {
    /// Ignores it from now on, in the whole process, unless the program has chosen already what it does.
    static func ignoreUnlessHandled() {
        var action = sigaction()
        guard sigaction(SIGPIPE, nil, &action) == 0, action.sa_flags & SA_SIGINFO == 0,
            // SIG_DFL is the null pointer.
            action.__sigaction_handler.sa_handler == nil
        else { return }
        signal(SIGPIPE, SIG_IGN)
    }
}
