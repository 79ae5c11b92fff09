import CKeyStore
import Glibc
import KeyStoreBridge
import KeyStoreCore
import Synchronization

/// A plugin that was loaded, with its table checked. Libraries are loaded once in a process and never unloaded.
final class PluginLibrary: Sendable {
    let path: String
    let info: BackendInfo
    let table: Table

    /// The plugin's table. It lives as long as the process and is never written after it was checked.
    struct Table: @unchecked Sendable {
        let pointer: UnsafePointer<keystore_plugin>
        let certificates: UnsafePointer<keystore_certificates_v1>?
        let deleting: UnsafePointer<keystore_delete_v1>?
        let importing: UnsafePointer<keystore_import_v1>?
        let sdkReferences: UnsafePointer<keystore_sdk_reference_v1>?
        let decrypting: UnsafePointer<keystore_decrypt_v1>?
        let agreeing: UnsafePointer<keystore_agree_v1>?
        let relabelling: UnsafePointer<keystore_relabel_v1>?
        let administering: UnsafePointer<keystore_administration_v1>?
        let watching: UnsafePointer<keystore_watch_v1>?
        let settingPolicies: UnsafePointer<keystore_key_policies_v1>?
        let attesting: UnsafePointer<keystore_attest_v1>?
        let moving: UnsafePointer<keystore_move_v1>?
    }

    private static let loaded = Mutex<[String: PluginLibrary]>([:])

    /// The plugin at this path, loaded if it was not yet. Throws `untrustedLibrary`, `incompatibleBackend`.
    static func load(_ path: String) throws(KeyStoreError) -> PluginLibrary {
        let path = try LibraryTrust.check(path)
        if let library = loaded.withLock({ $0[path] }) { return library }
        let library = try PluginLibrary(trusted: path)
        return loaded.withLock { loaded in
            if let first = loaded[path] { return first }
            loaded[path] = library
            return library
        }
    }

    private convenience init(trusted path: String) throws(KeyStoreError) {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw Self.incompatible(path, dlerror().map { String(cString: $0) } ?? "it cannot be loaded")
        }
        guard let symbol = dlsym(handle, KEYSTORE_PLUGIN_ENTRY) else {
            throw Self.incompatible(path, "it exports no \(KEYSTORE_PLUGIN_ENTRY), so it is no key store plugin")
        }
        let entry = unsafeBitCast(symbol, to: keystore_plugin_entry.self)
        guard let table = entry(UInt16(KEYSTORE_ABI_MAJOR), UInt16(KEYSTORE_ABI_MINOR)) else {
            throw Self.incompatible(
                path, "it does not serve version \(KEYSTORE_ABI_MAJOR) of the plugin interface, which this program uses"
            )
        }
        try self.init(table: table, path: path)
    }

    /// Checks a table: version, size, texts, and that no function is missing. Throws `incompatibleBackend`.
    init(table pointer: UnsafePointer<keystore_plugin>, path: String) throws(KeyStoreError) {
        // The first eight bytes are all that every version has in common.
        guard pointer.pointee.abi_major == UInt16(KEYSTORE_ABI_MAJOR) else {
            throw Self.incompatible(
                path,
                "it is built for version \(pointer.pointee.abi_major) of the plugin interface, and this program uses "
                    + "version \(KEYSTORE_ABI_MAJOR)")
        }
        guard pointer.pointee.size >= MemoryLayout<keystore_plugin>.size else {
            throw Self.incompatible(path, "its table is \(pointer.pointee.size) bytes, which is too small")
        }
        let plugin = pointer.pointee
        guard plugin.describe_uri != nil, plugin.match_uri != nil, plugin.open_store != nil, plugin.close_store != nil,
            plugin.list_tokens != nil, plugin.open_session != nil, plugin.close_session != nil,
            plugin.session_token != nil, plugin.list_keys != nil, plugin.find_key != nil, plugin.find_public_key != nil,
            plugin.generate_key != nil, plugin.close_key != nil, plugin.public_key != nil, plugin.sign != nil
        else {
            throw Self.incompatible(path, "its table lacks functions")
        }
        let name = try Self.text(plugin.name, "its name", path: path)
        let schemes = try Self.text(plugin.schemes, "its list of schemes", path: path).split(separator: " ").map(
            String.init)
        guard !name.isEmpty, !schemes.isEmpty else { throw Self.incompatible(path, "it names no scheme") }
        let reads = try Self.text(plugin.reads, "its list of schemes it reads", path: path)

        func table<Extension: BitwiseCopyable>(
            _ name: String, _ type: Extension.Type, firstVersion: Int = MemoryLayout<Extension>.size
        ) -> UnsafePointer<Extension>? {
            guard let raw = plugin.extension?(plugin.plugin, name, 1) else { return nil }
            // Every extension table begins with its size. The copy has no functions where an older plugin ends.
            guard let copy = prefix(of: raw.assumingMemoryBound(to: type), firstVersion: firstVersion) else {
                return nil
            }
            let immortal = UnsafeMutablePointer<Extension>.allocate(capacity: 1)
            immortal.initialize(to: copy)
            return UnsafePointer(immortal)
        }
        self.table = Table(
            pointer: pointer,
            certificates: table(KEYSTORE_EXTENSION_CERTIFICATES, keystore_certificates_v1.self),
            deleting: table(KEYSTORE_EXTENSION_DELETE, keystore_delete_v1.self),
            importing: table(
                KEYSTORE_EXTENSION_IMPORT, keystore_import_v1.self,
                firstVersion: MemoryLayout<keystore_import_v1>.offset(of: \.import_key_for)!),
            sdkReferences: table(KEYSTORE_EXTENSION_SDK_REFERENCE, keystore_sdk_reference_v1.self),
            decrypting: table(KEYSTORE_EXTENSION_DECRYPT, keystore_decrypt_v1.self),
            agreeing: table(KEYSTORE_EXTENSION_AGREE, keystore_agree_v1.self),
            relabelling: table(KEYSTORE_EXTENSION_RELABEL, keystore_relabel_v1.self),
            administering: table(
                KEYSTORE_EXTENSION_ADMINISTRATION, keystore_administration_v1.self,
                firstVersion: MemoryLayout<keystore_administration_v1>.offset(of: \.set_retries)!),
            watching: table(KEYSTORE_EXTENSION_WATCH, keystore_watch_v1.self),
            settingPolicies: table(KEYSTORE_EXTENSION_KEY_POLICIES, keystore_key_policies_v1.self),
            attesting: table(KEYSTORE_EXTENSION_ATTEST, keystore_attest_v1.self),
            moving: table(KEYSTORE_EXTENSION_MOVE, keystore_move_v1.self))
        var abilities: Ability = []
        if self.table.certificates != nil { abilities.insert(.certificates) }
        if self.table.deleting != nil { abilities.insert(.deleting) }
        if self.table.importing != nil { abilities.insert(.importing) }
        if self.table.sdkReferences != nil { abilities.insert(.sdkReferences) }
        if self.table.decrypting != nil { abilities.insert(.decrypting) }
        if self.table.agreeing != nil { abilities.insert(.agreeing) }
        if self.table.relabelling != nil { abilities.insert(.relabelling) }
        if self.table.administering != nil { abilities.insert(.administering) }
        if self.table.watching != nil { abilities.insert(.watching) }
        if self.table.settingPolicies != nil { abilities.insert(.keyPolicies) }
        if self.table.attesting != nil { abilities.insert(.attesting) }
        if self.table.moving != nil { abilities.insert(.moving) }
        self.path = path
        info = BackendInfo(
            name: name, version: try Self.text(plugin.version, "its version", path: path), schemes: schemes,
            reads: reads.split(separator: " ").map(String.init), abilities: abilities,
            computesOnly: plugin.flags & UInt32(KEYSTORE_PLUGIN_COMPUTES) != 0)
    }

    private static func text(
        _ pointer: UnsafePointer<CChar>?, _ what: String, path: String
    ) throws(KeyStoreError) -> String {
        guard let pointer else { throw incompatible(path, "\(what) is missing") }
        let length = strnlen(pointer, 256)
        let bytes = UnsafeRawBufferPointer(start: pointer, count: length)
        guard length < 256, let text = String(validating: bytes, as: UTF8.self) else {
            throw incompatible(path, "\(what) is too long or not UTF-8 text")
        }
        return text
    }

    private static func incompatible(_ path: String, _ reason: String) -> KeyStoreError {
        KeyStoreError(
            .incompatibleBackend, "\(path) cannot be used: \(reason)", operation: "load plugin", subject: path)
    }
}
