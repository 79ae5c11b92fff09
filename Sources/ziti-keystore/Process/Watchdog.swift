import Glibc

/// Ends the process when the time limit has passed, whatever its other threads wait for.
enum Watchdog {
    /// Starts the clock.
    static func start(seconds: Double) {
        BackgroundThread.start(for: "--timeout") {
            var wanted = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
            var rest = timespec()
            while nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
            Ending.fail(
                CommandFailure(
                    status: .timedOut, code: "timedOut", message: "it was not done within \(seconds) seconds",
                    hint: "--timeout SECONDS gives it longer"))
        }
    }
}
