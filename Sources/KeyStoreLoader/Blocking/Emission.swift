import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// The object that a sink's context points to; nil where a plugin passes on no context.
func emission<Object: AnyObject>(at context: UnsafeMutableRawPointer?) -> Object? {
    context.map { Unmanaged<Object>.fromOpaque($0).takeUnretainedValue() }
}

/// Collects what a plugin emits through a bytes sink during one call.
final class Emission {
    private let limit: Int
    private(set) var items: [[UInt8]] = []
    private var isExcessive = false

    init(limit: Int) { self.limit = limit }

    /// What to pass to the plugin beside the sink, while this object lives.
    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    /// The sink to pass to the plugin; its context is an `Emission`.
    static let sink: keystore_bytes_sink = { context, bytes in
        guard let emission: Emission = emission(at: context) else { return }
        guard (0...emission.limit).contains(bytes.count), emission.items.count < 64,
            bytes.data != nil || bytes.count == 0
        else {
            emission.isExcessive = true
            return
        }
        emission.items.append(Array(bytes.buffer))
    }

    /// All items. Throws `invalidReply` where there was none, or one that is too long.
    func several(_ what: String) throws(KeyStoreError) -> [[UInt8]] {
        guard !isExcessive, !items.isEmpty else {
            throw KeyStoreError(.invalidReply, "the plugin did not return \(what) of possible number and lengths")
        }
        return items
    }

    /// Forgets what was collected, for the next call.
    func reset() {
        items.removeAll(keepingCapacity: true)
        isExcessive = false
    }

    /// The one item. Throws `invalidReply` where there was none, several, or one that is too long.
    func single(_ what: String) throws(KeyStoreError) -> [UInt8] {
        guard !isExcessive, items.count == 1 else {
            throw KeyStoreError(.invalidReply, "the plugin did not return \(what) of a possible length")
        }
        return items[0]
    }
}
