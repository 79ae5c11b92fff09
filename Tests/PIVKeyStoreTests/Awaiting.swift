import Foundation
import VirtualYubiKey

/// Waits for what a key does without blocking a thread of the shared pool.
struct Awaiting: Sendable {
    private let key: YubiKey

    init(_ key: YubiKey) { self.key = key }

    /// Returns when the key waits for a touch.
    func touch() async {
        let key = self.key
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                _ = key.waitUntilTouchIsAwaited()
                continuation.resume()
            }
        }
    }
}
