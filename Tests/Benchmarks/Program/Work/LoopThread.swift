internal import Glibc

/// A thread that runs one closure.
final class LoopThread: @unchecked Sendable {
    // `body` is read and `result` written by the thread only, until it was joined.
    private let body: () throws -> [UInt32]
    private var result: Result<[UInt32], any Error>?
    private var thread = pthread_t()

    init(_ body: @escaping @Sendable () throws -> [UInt32]) throws {
        self.body = body
        let status = pthread_create(
            &thread, nil,
            { context in
                let loop = Unmanaged<LoopThread>.fromOpaque(context!).takeRetainedValue()
                loop.result = Result { try loop.body() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard status == 0 else {
            Unmanaged.passUnretained(self).release()
            throw BenchmarkError("no thread could be started: \(status)")
        }
    }

    /// Waits for the thread's end.
    func join() throws -> [UInt32] {
        pthread_join(thread, nil)
        return try result!.get()
    }
}
