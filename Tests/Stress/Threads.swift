import Glibc
import Synchronization

/// Threads of their own, because blocking calls would starve Swift's.
enum Threads {
    private final class Work: Sendable {
        let number: Int
        let body: @Sendable (Int) throws -> Void
        let failure = Mutex<(any Error)?>(nil)

        init(_ number: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
            self.number = number
            self.body = body
        }
    }

    /// Runs the body on so many threads at once, and throws the first failure when all have ended.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let works = (0..<count).map { Work($0, body) }
        let threads = try works.map { try start($0) }
        for thread in threads { pthread_join(thread, nil) }
        for work in works {
            if let failure = work.failure.withLock({ $0 }) { throw failure }
        }
    }

    /// Runs the body on one thread, and waits for it without blocking Swift's.
    static func inBackground(_ body: @escaping @Sendable () throws -> Void) async throws {
        let outcome: Result<Void, any Error> = await withCheckedContinuation { continuation in
            do {
                let thread = try start(Work(0) { _ in continuation.resume(returning: Result { try body() }) })
                pthread_detach(thread)
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        try outcome.get()
    }

    private static func start(_ work: Work) throws -> pthread_t {
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                let work = Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()
                do {
                    try work.body(work.number)
                } catch {
                    work.failure.withLock { $0 = error }
                }
                return nil
            }, Unmanaged.passRetained(work).toOpaque())
        try StressFailure.demand(status == 0, "no thread could be started: \(status)")
        return thread
    }
}
