import Foundation

/// Runs something on threads of its own, all at once. `DispatchQueue.concurrentPerform` has as many as there are processors.
enum RealThreads {
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
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
        done.wait()
    }
}
