public import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// The C table of a backend. A plugin makes it once, in a global, and returns it from its entry function:
///
///     nonisolated(unsafe) private let table = PluginTable.make(MyBackend.self)
///
///     @c(keystore_plugin_entry_v1)
///     public func entry(_ hostMajor: UInt16, _ hostMinor: UInt16) -> UnsafePointer<keystore_plugin>? {
///         PluginTable.serve(table, hostMajor: hostMajor, hostMinor: hostMinor)
///     }
public enum PluginTable {
    /// Makes the table. It lives as long as the process.
    public static func make<BackendType: Backend>(_ type: BackendType.Type) -> UnsafePointer<keystore_plugin> {
        let info = type.info
        let plugin = PluginBox(type)
        var table = keystore_plugin()
        table.size = UInt32(MemoryLayout<keystore_plugin>.size)
        table.abi_major = UInt16(KEYSTORE_ABI_MAJOR)
        table.abi_minor = UInt16(KEYSTORE_ABI_MINOR)
        table.plugin = Unmanaged.passRetained(plugin).toOpaque()
        table.name = immortal(info.name)
        table.version = immortal(info.version)
        table.schemes = immortal(info.schemes.joined(separator: " "))
        table.reads = immortal(info.reads.joined(separator: " "))
        table.flags = info.computesOnly ? UInt32(KEYSTORE_PLUGIN_COMPUTES) : 0
        addURIFunctions(to: &table)
        addStoreFunctions(to: &table)
        addSessionFunctions(to: &table)
        addKeyFunctions(to: &table)
        table.extension = { plugin, name, version in
            guard let plugin, let name, version == 1 else { return nil }
            return PluginBox.at(plugin).extensionTable(named: String(cString: name))
        }
        let pointer = UnsafeMutablePointer<keystore_plugin>.allocate(capacity: 1)
        pointer.initialize(to: table)
        return UnsafePointer(pointer)
    }

    /// What the entry function returns: the table for a host of the same major version, nil for any other. A host with an
    /// older minor version is from then on told of keys in the numbers that it knows.
    public static func serve(
        _ table: UnsafePointer<keystore_plugin>, hostMajor: UInt16, hostMinor: UInt16 = UInt16(KEYSTORE_ABI_MINOR)
    ) -> UnsafePointer<keystore_plugin>? {
        guard hostMajor == UInt16(KEYSTORE_ABI_MAJOR) else { return nil }
        HostVersion.note(minor: hostMinor)
        return table
    }

    private static func immortal(_ text: String) -> UnsafePointer<CChar> {
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        return UnsafePointer(copy)
    }
}

/// Runs the body of a table function: 0, or the status of what it threw, written to the caller's storage.
func run(
    _ operation: String, _ storage: UnsafeMutablePointer<keystore_error>?,
    _ body: () throws(KeyStoreError) -> Void
) -> Int32 {
    do {
        try body()
        return KEYSTORE_OK
    } catch {
        return error.during(operation).report(to: storage)
    }
}

/// The object behind an opaque pointer that the host passed; a missing one is the host's mistake and reported as such.
func object<Box: AnyObject>(_ pointer: UnsafeMutableRawPointer?, as type: Box.Type) throws(KeyStoreError) -> Box {
    guard let pointer else { throw KeyStoreError(.invalidData, "the program passed no object to work on") }
    return Unmanaged<Box>.fromOpaque(pointer).takeUnretainedValue()
}

/// A reference that the host passed.
func reference(_ bytes: keystore_bytes) throws(KeyStoreError) -> KeyStoreURI {
    guard (0...KeyStoreURI.maximumLength).contains(bytes.count),
        let text = String(validating: bytes.buffer, as: UTF8.self)
    else {
        throw KeyStoreError(.invalidURI, "the reference is too long or not UTF-8 text")
    }
    return try KeyStoreURI(text)
}
