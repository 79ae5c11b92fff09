import Foundation

/// Runs something on threads of its own, all at once. `DispatchQueue.concurrentPerform` has as many as there are processors,
/// and tasks as many as Swift's pool has.
public enum RealThreads {
    /// Returns when all have ended. No thread of Swift's pool waits for them.
    public static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
        await withCheckedContinuation { continuation in
            let (start, done) = (DispatchSemaphore(value: 0), DispatchGroup())
            for index in 0..<count {
                done.enter()
                Thread.detachNewThread {
                    start.wait()
                    body(index)
                    done.leave()
                }
            }
            for _ in 0..<count { start.signal() }
            done.notify(queue: .global()) { continuation.resume() }
        }
    }
}
