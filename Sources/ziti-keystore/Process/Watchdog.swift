import Glibc

/// Ends the process when the time limit has passed, whatever its other threads wait for.
enum Watchdog {
    /// Starts the clock.
    static func start(seconds: Double) {
        let limit = UnsafeMutablePointer<Double>.allocate(capacity: 1)
        limit.initialize(to: seconds)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { raw in
                let seconds = raw!.load(as: Double.self)
                var wanted = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
                var rest = timespec()
                while nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
                Ending.fail(
                    CommandFailure(
                        status: .timedOut, code: "timedOut", message: "it was not done within \(seconds) seconds",
                        hint: "--timeout SECONDS gives it longer"))
            }, limit)
        guard status == 0 else {
            Ending.fail(
                CommandFailure(
                    status: .unavailable, code: "backendFailure", message: "no thread can be made for --timeout"))
        }
        pthread_detach(thread)
    }
}
