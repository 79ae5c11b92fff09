import Dispatch
import Synchronization

/// Waits on the first thread for asynchronous work, which runs on others.
enum Waiting {
    private final class Outcome: Sendable {
        let result = Mutex<Result<Void, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
    }

    static func run(_ body: @escaping @concurrent @Sendable () async throws -> Void) throws {
        let outcome = Outcome()
        Task.detached {
            let result: Result<Void, any Error>
            do {
                try await body()
                result = .success(())
            } catch {
                result = .failure(error)
            }
            outcome.result.withLock { $0 = result }
            outcome.done.signal()
        }
        outcome.done.wait()
        try outcome.result.withLock { $0 }?.get()
    }
}
