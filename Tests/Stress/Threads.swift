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
        var threads: [pthread_t] = []
        for work in works {
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
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
        for work in works {
            if let failure = work.failure.withLock({ $0 }) { throw failure }
        }
    }
}
