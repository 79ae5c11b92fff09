public import KeyStoreCore

/// A plugin that stands in one of the plugin folders.
public struct InstalledBackend: Sendable {
    /// The name that its file gives it.
    public var name: String
    /// The library's real path, where it could be loaded.
    public var path: String?
    /// What the plugin says of itself, or why it cannot be used.
    public var info: Result<BackendInfo, KeyStoreError>
}
