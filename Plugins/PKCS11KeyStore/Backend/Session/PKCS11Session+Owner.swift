import CP11Kit
import KeyStoreCore

extension PKCS11Session {
    /// The one key that a reference to it, to its public key or to its certificate names, without a login where its public
    /// key object can be seen.
    func owner(at uri: KeyStoreURI, _ operation: String) throws(KeyStoreError) -> KeyIdentity {
        let read = try reference(uri, operation, types: [.private, .public, .cert])
        let visible = try records(CKO_PUBLIC_KEY, id: read.id, label: read.label)
        if visible.count > 1 { throw try ambiguous(visible, at: uri) }
        if let record = visible.first, let key = try record.publicKey() {
            return KeyIdentity(id: record.id, label: record.label, publicKey: key)
        }
        var withoutType = read
        withoutType.path[.type] = nil
        let key = try privateKey(at: try withoutType.normalForm())
        return KeyIdentity(id: key.record.id, label: key.record.label, publicKey: try key.publicKey())
    }
}
