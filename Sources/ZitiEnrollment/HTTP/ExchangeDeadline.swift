package import NIOCore

import struct AsyncHTTPClient.HTTPClientError

/// The end of an exchange, the body of its answer included: the HTTP client's own deadline is over with the answer's head.
package enum ExchangeDeadline {
    /// What the exchange gives, unless the deadline passes first: then the exchange is cancelled, and what the HTTP client
    /// throws for a deadline is thrown. Bytes that come in drops do not put it off.
    package static func run<Value: Sendable>(
        before deadline: NIODeadline, _ exchange: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                let value = try await exchange()
                // A body that was given up may look as if it had ended.
                try Task.checkCancellation()
                return value
            }
            group.addTask {
                try await Task.sleep(for: .nanoseconds(max((deadline - .now()).nanoseconds, 0)))
                return nil
            }
            guard let ended = try await group.next(), let value = ended else {
                throw HTTPClientError.deadlineExceeded
            }
            return value
        }
    }
}
