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
