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
