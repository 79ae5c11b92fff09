import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// Takes descriptions of tokens and checks each.
final class TokenEmission {
    private(set) var tokens: [TokenInfo] = []
    private(set) var failure: KeyStoreError?

    /// What to pass to the plugin beside the sink, while this object lives.
    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    /// The sink to pass to the plugin; its context is a `TokenEmission`.
    static let sink: keystore_token_sink = { context, info in
        guard let emission: TokenEmission = emission(at: context), let info else { return 1 }
        guard emission.failure == nil else { return 1 }
        do throws(KeyStoreError) {
            guard emission.tokens.count < 4096 else {
                throw KeyStoreError(.invalidReply, "the plugin lists more than 4096 tokens")
            }
            emission.tokens.append(try TokenInfo(checking: info))
            return 0
        } catch {
            emission.failure = error
            return 1
        }
    }
}
