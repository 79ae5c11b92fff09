public import CKeyStore
import FileKeyStore
import KeyStorePlugin

// Never written after it was made.
nonisolated(unsafe) private let table = PluginTable.make(FileBackend.self)

/// The one symbol that the library exports.
@c(keystore_plugin_entry_v1)
public func entry(_ hostMajor: UInt16, _ hostMinor: UInt16) -> UnsafePointer<keystore_plugin>? {
    PluginTable.serve(table, hostMajor: hostMajor, hostMinor: hostMinor)
}
