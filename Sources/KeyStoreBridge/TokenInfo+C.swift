public import CKeyStore
public import KeyStoreCore

extension TokenInfo {
    private static let textLimit = 1024
    /// The struct's size before its first addition.
    private static let firstVersion = MemoryLayout<keystore_token_info>.offset(of: \.properties)!

    /// Lends the description as the struct that crosses the boundary.
    public func withC<Result>(_ body: (UnsafePointer<keystore_token_info>) -> Result) -> Result {
        let arena = Arena()
        var info = keystore_token_info()
        info.size = UInt32(MemoryLayout<keystore_token_info>.size)
        info.flags = flags.rawValue
        info.tries_left = triesLeft.flatMap(Int32.init(exactly:)) ?? -1
        info.uri = arena.bytes(uri.text)
        info.label = arena.bytes(label)
        info.manufacturer = arena.bytes(manufacturer)
        info.model = arena.bytes(model)
        info.serial = arena.bytes(serial)
        info.location = arena.bytes(location)
        info.properties = properties.attributes(in: arena)
        info.property_count = properties.count
        return withExtendedLifetime(arena) { withUnsafePointer(to: info, body) }
    }

    /// Reads a description that came over the boundary. Throws `invalidReply` for what cannot be right.
    public init(checking pointer: UnsafePointer<keystore_token_info>) throws(KeyStoreError) {
        guard let info = prefix(of: pointer, firstVersion: Self.firstVersion) else {
            throw KeyStoreError(.invalidReply, "the plugin described a token in a struct that is too small")
        }
        let properties = try [Property](checking: info.properties, count: info.property_count, of: "a token")
        self.init(
            uri: try info.uri.uri("a token's URI"),
            label: try info.label.text("a token's label", limit: Self.textLimit),
            manufacturer: try info.manufacturer.text("a token's manufacturer", limit: Self.textLimit),
            model: try info.model.text("a token's model", limit: Self.textLimit),
            serial: try info.serial.text("a token's serial number", limit: Self.textLimit),
            location: try info.location.text("a token's location", limit: 4096),
            flags: Flags(rawValue: info.flags), triesLeft: info.tries_left >= 0 ? Int(info.tries_left) : nil,
            properties: properties)
    }
}
