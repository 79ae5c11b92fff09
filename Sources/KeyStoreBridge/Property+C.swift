import CKeyStore
import KeyStoreCore

extension [TokenInfo.Property] {
    /// Lends the properties for as long as the arena lives.
    func attributes(in arena: Arena) -> UnsafePointer<keystore_attribute>? {
        arena.array(map { keystore_attribute(name: arena.bytes($0.name), value: arena.bytes($0.value)) })
    }

    /// Reads properties that came over the boundary. Throws `invalidReply` for what cannot be right.
    init(checking attributes: UnsafePointer<keystore_attribute>?, count: Int, of what: String) throws(KeyStoreError) {
        guard (0...64).contains(count), attributes != nil || count == 0 else {
            throw KeyStoreError(.invalidReply, "the plugin described \(what) with too many properties")
        }
        self = []
        for attribute in UnsafeBufferPointer(start: attributes, count: count) {
            append(
                TokenInfo.Property(
                    name: try attribute.name.text("a property's name", limit: 256),
                    value: try attribute.value.text("a property's value", limit: 16384)))
        }
    }
}
