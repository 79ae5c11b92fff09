import Glibc

/// A thread that ends by itself or with the process: for what blocks, and must be in nobody's way.
enum BackgroundThread {
    /// Runs the work on a new thread. Ends the process, naming what the thread was for, where none can be made.
    static func start(for purpose: String, _ work: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let work: @Sendable () -> Void
            init(_ work: @escaping @Sendable () -> Void) { self.work = work }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(work))
        let status = pthread_create(
            &thread, nil,
            { raw in
                // Handed over retained just below, once.
                Unmanaged<Box>.fromOpaque(raw!).takeRetainedValue().work()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            Ending.fail(
                CommandFailure(
                    status: .unavailable, code: "backendFailure", message: "no thread can be made for \(purpose)"))
        }
        pthread_detach(thread)
    }
}
