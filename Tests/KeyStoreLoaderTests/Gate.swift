import Foundation
import Synchronization

/// A signature of the broken plugin that waits until it is released.
final class Gate: Sendable {
    private let descriptors: (read: Int32, write: Int32)
    private let isOpen = Mutex(false)

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CocoaError(.fileReadUnknown) }
        descriptors = (ends[0], ends[1])
    }

    deinit {
        open()
        close(descriptors.read)
        close(descriptors.write)
    }

    /// What to sign: the plugin waits for a byte from this descriptor.
    var message: [UInt8] { Array("\(descriptors.read)".utf8) }

    /// Lets every signature that waits here, or will, go on.
    func open() {
        isOpen.withLock { isOpen in
            if !isOpen { _ = write(descriptors.write, [UInt8](repeating: 0, count: 256), 256) }
            isOpen = true
        }
    }
}
