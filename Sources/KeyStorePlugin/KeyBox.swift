import KeyStoreCore

/// What a `key` pointer points to.
final class KeyBox {
    let key: any BackendKey
    let algorithms: Set<SignatureAlgorithm>

    init(_ key: any BackendKey) {
        self.key = key
        algorithms = Set(key.info.algorithms)
    }
}
