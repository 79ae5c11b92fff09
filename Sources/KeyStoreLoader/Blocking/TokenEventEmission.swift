import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// Takes what a plugin tells of tokens that come and go, and checks each.
final class TokenEventEmission {
    private(set) var events: [TokenEvent] = []
    private(set) var failure: KeyStoreError?

    /// What to pass to the plugin beside the sink, while this object lives.
    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    /// The sink to pass to the plugin; its context is a `TokenEventEmission`.
    static let sink: keystore_token_event_sink = { context, kind, info in
        guard let emission: TokenEventEmission = emission(at: context), let info, emission.failure == nil else {
            return
        }
        do throws(KeyStoreError) {
            let token = try TokenInfo(checking: info)
            switch Int32(truncatingIfNeeded: kind) {
            case KEYSTORE_TOKEN_INSERTED where emission.events.count < 4096: emission.events.append(.inserted(token))
            case KEYSTORE_TOKEN_REMOVED where emission.events.count < 4096: emission.events.append(.removed(token))
            default:
                throw KeyStoreError(
                    .invalidReply, "the plugin tells of an event that is not defined, or of too many")
            }
        } catch {
            emission.failure = error
        }
    }
}
