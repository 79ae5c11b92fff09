import CP11Kit
import KeyStoreCore

extension PKCS11Session {
    /// Lists keys in one pass over the token's objects, because some modules read everything for every search.
    func forEachKey(matching uri: KeyStoreURI?, _ body: (KeyInfo) -> Bool) throws(KeyStoreError) {
        var hasTold = false
        // What the caller has seen is not told again.
        try perform("list keys", repeatable: !hasTold) { () throws(KeyStoreError) in
            try forEachKeyInSession(matching: uri) { info in
                hasTold = true
                return body(info)
            }
        }
    }

    private func forEachKeyInSession(
        matching uri: KeyStoreURI?, _ body: (KeyInfo) -> Bool
    ) throws(KeyStoreError) {
        var template = AttributeTemplate()
        var label: [UInt8]?
        if let uri {
            let read = try reference(uri, "list keys", types: [.private, .public, .cert])
            if let id = read.id { template.add(CKA_ID, id) }
            // The label is compared here: those of a key's objects may differ, and all of them are needed to join them.
            label = read.label
        }
        let listing = KeyListing(try self.read(try find(template)))
        try listing.forEach { entry throws(KeyStoreError) in
            if let label, entry.record.label != label { return true }
            return body(
                try info(
                    of: entry.record, publicKey: entry.publicKey, hasPrivateKey: entry.hasPrivateKey,
                    hasCertificate: entry.hasCertificate))
        }
    }
}
