public import CKeyStore
import KeyStorePlugin
import KeyStoreTesting

// The in-memory backend as a plugin, so that what no software backend has otherwise (policies, attestation, moving, a PUK and
// a management key) can be met through a loaded library. Its tokens last as long as the process; one of them, `furnished`,
// was reset, which gave it the secrets that everybody knows, and has one key, `made`. It imitates no device: nothing waits
// or vanishes.

// Never written after it was made.
nonisolated(unsafe) private let table = {
    // Only a mistake of ours can fail here, and the tests that use the token then say that it is not there.
    try? FurnishedToken.make()
    return PluginTable.make(InMemoryBackend.self)
}()

/// The one symbol that the library exports.
@c(keystore_plugin_entry_v1)
public func entry(_ hostMajor: UInt16, _ hostMinor: UInt16) -> UnsafePointer<keystore_plugin>? {
    PluginTable.serve(table, hostMajor: hostMajor, hostMinor: hostMinor)
}
