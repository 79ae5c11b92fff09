import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// Takes the description of a reference and checks it.
final class URIEmission {
    private(set) var result: Result<URIInfo, KeyStoreError>?

    /// What to pass to the plugin beside the sink, while this object lives.
    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    /// The sink to pass to the plugin; its context is a `URIEmission`.
    static let sink: keystore_uri_sink = { context, info in
        guard let emission: URIEmission = emission(at: context), let info else { return }
        do throws(KeyStoreError) {
            guard emission.result == nil else {
                throw KeyStoreError(.invalidReply, "the plugin described one reference twice")
            }
            emission.result = .success(try URIInfo(checking: info))
        } catch {
            emission.result = .failure(error)
        }
    }
}
