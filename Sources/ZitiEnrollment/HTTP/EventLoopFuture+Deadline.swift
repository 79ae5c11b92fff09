import NIOCore

extension EventLoopFuture where Value: Sendable {
    /// The value, unless the deadline passes or the task is cancelled first: then `timedOut` or `CancellationError`. What
    /// the future stands for is not ended by either; closing the channel is the caller's business.
    func value(before deadline: NIODeadline) async throws -> Value {
        let promise = eventLoop.makePromise(of: Value.self)
        let timer = eventLoop.scheduleTask(deadline: deadline) {
            promise.fail(EnrollmentError(.timedOut, "the controller did not answer in time"))
        }
        cascade(to: promise)
        promise.futureResult.whenComplete { _ in timer.cancel() }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }
}

extension NIODeadline {
    /// So many seconds from now: at least one, at most a day.
    static func within(seconds: Int) -> NIODeadline { .now() + .seconds(Int64(min(max(seconds, 1), 86_400))) }
}
