import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// Takes descriptions of keys, checks each, and passes them on.
final class KeyEmission {
    private let body: (KeyInfo) -> Bool
    private var hasEnded = false
    private(set) var failure: KeyStoreError?

    init(body: @escaping (KeyInfo) -> Bool) { self.body = body }

    /// What to pass to the plugin beside the sink, while this object lives.
    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    /// The sink to pass to the plugin; its context is a `KeyEmission`.
    static let sink: keystore_key_sink = { context, info in
        guard let emission: KeyEmission = emission(at: context), let info else { return 1 }
        // A plugin that goes on although it was told to end is not listened to.
        guard !emission.hasEnded else { return 1 }
        do throws(KeyStoreError) {
            emission.hasEnded = !emission.body(try KeyInfo(checking: info))
        } catch {
            emission.hasEnded = true
            emission.failure = error
        }
        return emission.hasEnded ? 1 : 0
    }
}
