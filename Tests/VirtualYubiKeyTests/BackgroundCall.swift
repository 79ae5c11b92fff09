import Foundation

/// Runs what blocks on a thread of its own, so that a test can do something meanwhile.
enum BackgroundCall {
    static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: body()) }.start()
        }
    }
}
