import CKeyStore
import KeyStoreCore

/// What a table's `plugin` pointer points to: C functions cannot be generic, so the backend's type travels here. Immortal.
final class PluginBox {
    let type: any Backend.Type
    private let extensions: ExtensionTables

    init(_ type: any Backend.Type) {
        self.type = type
        extensions = ExtensionTables(abilities: type.info.abilities)
    }

    static func at(_ pointer: UnsafeMutableRawPointer) -> PluginBox {
        Unmanaged<PluginBox>.fromOpaque(pointer).takeUnretainedValue()
    }

    func extensionTable(named name: String) -> UnsafeRawPointer? { extensions.table(named: name) }
}

/// What a `store` pointer points to.
final class StoreBox {
    let backend: any Backend
    private let host: BridgedHost

    init(_ backend: any Backend, host: BridgedHost) {
        self.backend = backend
        self.host = host
    }
}

/// What a `session` pointer points to.
final class SessionBox {
    let session: any BackendSession
    private let host: BridgedHost

    init(_ session: any BackendSession, host: BridgedHost) {
        self.session = session
        self.host = host
    }
}

/// What a `key` pointer points to.
final class KeyBox {
    let key: any BackendKey
    let algorithms: Set<SignatureAlgorithm>

    init(_ key: any BackendKey) {
        self.key = key
        algorithms = Set(key.info.algorithms)
    }
}
