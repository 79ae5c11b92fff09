import Foundation
import VirtualYubiKey

/// Pulls a key out as soon as it waits for a touch.
final class Unplugger: Sendable {
    private let done = DispatchSemaphore(value: 0)

    init(_ key: YubiKey) {
        let done = self.done
        Thread.detachNewThread {
            _ = key.waitUntilTouchIsAwaited()
            key.unplug()
            done.signal()
        }
    }

    /// Waits until that has happened.
    func wait() { done.wait() }
}
