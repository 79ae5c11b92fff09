import AsyncHTTPClient

/// A time limit over all that an exchange takes. The HTTP client's own ends with the head of an answer.
enum TimeLimit {
    /// Does the work, and gives it up after so many seconds with what the client throws for a deadline of its own.
    static func run<Result: Sendable>(
        seconds: Int, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask {
                let result = try await work()
                // A body that was given up may look as if it had ended.
                try Task.checkCancellation()
                return result
            }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }
}
