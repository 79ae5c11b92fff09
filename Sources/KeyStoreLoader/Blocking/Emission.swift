import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// Collects what a plugin emits through a bytes sink during one call.
struct Emission {
    let limit: Int
    private(set) var items: [[UInt8]] = []
    private(set) var isExcessive = false

    init(limit: Int) { self.limit = limit }

    /// The sink to pass to the plugin; its context is a pointer to an `Emission`.
    static let sink: keystore_bytes_sink = { context, bytes in
        let emission = context!.assumingMemoryBound(to: Emission.self)
        guard bytes.count <= emission.pointee.limit, emission.pointee.items.count < 64, bytes.data != nil || bytes.count == 0
        else {
            emission.pointee.isExcessive = true
            return
        }
        emission.pointee.items.append(Array(bytes.buffer))
    }

    /// The one item. Throws `invalidReply` where there was none, several, or one that is too long.
    func single(_ what: String) throws(KeyStoreError) -> [UInt8] {
        guard !isExcessive, items.count == 1 else {
            throw KeyStoreError(.invalidReply, "the plugin did not return \(what) of a possible length")
        }
        return items[0]
    }
}

/// Takes descriptions of keys, checks each, and passes them on.
struct KeyEmission {
    let body: (KeyInfo) -> Bool
    var failure: KeyStoreError?

    /// The sink to pass to the plugin; its context is a pointer to a `KeyEmission`.
    static let sink: keystore_key_sink = { context, info in
        let emission = context!.assumingMemoryBound(to: KeyEmission.self)
        guard let info else { return 1 }
        do throws(KeyStoreError) {
            return emission.pointee.body(try KeyInfo(checking: info)) ? 0 : 1
        } catch {
            emission.pointee.failure = error
            return 1
        }
    }
}

/// Takes descriptions of tokens and checks each.
struct TokenEmission {
    var tokens: [TokenInfo] = []
    var failure: KeyStoreError?

    /// The sink to pass to the plugin; its context is a pointer to a `TokenEmission`.
    static let sink: keystore_token_sink = { context, info in
        let emission = context!.assumingMemoryBound(to: TokenEmission.self)
        guard let info else { return 1 }
        do throws(KeyStoreError) {
            guard emission.pointee.tokens.count < 4096 else {
                throw KeyStoreError(.invalidReply, "the plugin lists more than 4096 tokens")
            }
            emission.pointee.tokens.append(try TokenInfo(checking: info))
            return 0
        } catch {
            emission.pointee.failure = error
            return 1
        }
    }
}

/// Takes the description of a reference and checks it.
struct URIEmission {
    var result: Result<URIInfo, KeyStoreError>?

    /// The sink to pass to the plugin; its context is a pointer to a `URIEmission`.
    static let sink: keystore_uri_sink = { context, info in
        let emission = context!.assumingMemoryBound(to: URIEmission.self)
        guard let info else { return }
        do throws(KeyStoreError) {
            emission.pointee.result = .success(try URIInfo(checking: info))
        } catch {
            emission.pointee.result = .failure(error)
        }
    }
}
