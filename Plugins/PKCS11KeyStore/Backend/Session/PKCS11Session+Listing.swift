import CP11Kit
import KeyStoreCore

extension PKCS11Session {
    /// Lists keys while they are read: the handles come from one search, because some modules read everything for every
    /// search, and each object is read once. The certificates are searched for before, because a key is told with whether it
    /// has one; and without a login the private keys are, because there are mostly none to wait for.
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
        var id: [UInt8]?
        var label: [UInt8]?
        if let uri {
            let read = try reference(uri, "list keys", types: [.private, .public, .cert])
            id = read.id
            // The label is compared here: those of a key's objects may differ, and all of them are needed to join them.
            label = read.label
        }
        try keepSightOfPrivateObjects("list keys")
        let certificates = try find(CKO_CERTIFICATE, id: id)
        var hasPrivateKeys = connection.gate.isLoggedIn
        if !hasPrivateKeys { hasPrivateKeys = try !find(CKO_PRIVATE_KEY, id: id).isEmpty }
        var listing = KeyListing(certificates: try read(certificates), hasPrivateKeys: hasPrivateKeys)
        func tell(_ entry: KeyListing.Entry) throws(KeyStoreError) -> Bool {
            if let label, entry.record.label != label { return true }
            return body(
                try info(
                    of: entry.record, publicKey: entry.publicKey, hasPrivateKey: entry.hasPrivateKey,
                    hasCertificate: entry.hasCertificate))
        }
        let known = Set(certificates)
        let handles = try find(nil, id: id)
        let isComplete = try forEachRecord(of: handles) { record throws(KeyStoreError) in
            guard !known.contains(record.handle), let entry = listing.add(record) else { return true }
            return try tell(entry)
        }
        if isComplete { try listing.forEachRest(tell) }
    }

    private func find(_ objectClass: CK_OBJECT_CLASS?, id: [UInt8]?) throws(KeyStoreError) -> [CK_OBJECT_HANDLE] {
        var template = AttributeTemplate()
        if let objectClass { template.add(CKA_CLASS, objectClass) }
        if let id { template.add(CKA_ID, id) }
        return try find(template)
    }
}
