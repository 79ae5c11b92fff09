public import CKeyStore
public import KeyStoreCore

extension URIInfo {
    private static let countLimit = 64

    /// Lends the description as the struct that crosses the boundary.
    public func withC<Result>(_ body: (UnsafePointer<keystore_uri_info>) -> Result) -> Result {
        let arena = Arena()
        var info = keystore_uri_info()
        info.size = UInt32(MemoryLayout<keystore_uri_info>.size)
        info.normalised = arena.bytes(normalised.text)
        info.attributes = arena.array(
            attributes.map { keystore_attribute(name: arena.bytes($0.name), value: arena.bytes($0.value)) })
        info.attribute_count = attributes.count
        info.warnings = arena.array(warnings.map { arena.bytes($0) })
        info.warning_count = warnings.count
        return withExtendedLifetime(arena) { withUnsafePointer(to: info, body) }
    }

    /// Reads a description that came over the boundary. Throws `invalidReply` for what cannot be right.
    public init(checking pointer: UnsafePointer<keystore_uri_info>) throws(KeyStoreError) {
        guard pointer.pointee.size >= MemoryLayout<keystore_uri_info>.size else {
            throw KeyStoreError(.invalidReply, "the plugin described a reference in a struct that is too small")
        }
        let info = pointer.pointee
        guard (0...Self.countLimit).contains(info.attribute_count),
            info.attributes != nil || info.attribute_count == 0,
            (0...Self.countLimit).contains(info.warning_count), info.warnings != nil || info.warning_count == 0
        else {
            throw KeyStoreError(.invalidReply, "the plugin described a reference with too many parts, or missing ones")
        }
        self.init(normalised: try info.normalised.uri("a normalised reference"))
        for attribute in UnsafeBufferPointer(start: info.attributes, count: info.attribute_count) {
            attributes.append(
                Attribute(
                    name: try attribute.name.text("an attribute's name", limit: 256),
                    value: try attribute.value.text("an attribute's value", limit: KeyStoreURI.maximumLength)))
        }
        for warning in UnsafeBufferPointer(start: info.warnings, count: info.warning_count) {
            warnings.append(try warning.text("a warning", limit: 4096))
        }
    }
}
