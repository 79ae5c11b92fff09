public import KeyStoreTLS
import Synchronization

/// Collects what an identity tells of the uses of its key.
public final class Uses: Sendable {
    private let list = Mutex<[TLSPrivateKey.Use]>([])

    /// Nothing was used yet.
    public init() {}

    /// The uses, in their order.
    public var all: [TLSPrivateKey.Use] { list.withLock { $0 } }

    /// Takes one; what `onKeyUse` is given.
    public func append(_ use: TLSPrivateKey.Use) { list.withLock { $0.append(use) } }
}
