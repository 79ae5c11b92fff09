import KeyStoreTLS
import Synchronization

/// Collects what an identity tells of the uses of its key.
final class Uses: Sendable {
    private let list = Mutex<[TLSPrivateKey.Use]>([])
    var all: [TLSPrivateKey.Use] { list.withLock { $0 } }
    func append(_ use: TLSPrivateKey.Use) { list.withLock { $0.append(use) } }
}
