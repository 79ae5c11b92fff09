import CP11Kit
import KeyStoreCore
import KeyStorePlugin

extension PKCS11Session: KeyDeletingBackendSession {
    /// Destroys the private key first: where the token does not permit it, nothing is lost. What is left of a key whose
    /// deletion was interrupted can be deleted with the same reference.
    func deleteKey(at uri: KeyStoreURI) throws(KeyStoreError) {
        try perform("delete key") { () throws(KeyStoreError) in
            try demandWritable("delete key")
            let read = try reference(uri, "delete key", types: [.private])
            try logIn()
            let privateKeys = try records(CKO_PRIVATE_KEY, id: read.id, label: read.label)
            if privateKeys.count > 1 { throw try ambiguous(privateKeys, at: uri) }
            let publicKeys = try records(CKO_PUBLIC_KEY, id: read.id, label: read.label)
            guard let key = privateKeys.first else {
                try demandSightOfPrivateObjects("delete key")
                if read.namesObject, publicKeys.count > 1 { throw try ambiguous(publicKeys, at: uri) }
                // The only public key of a token is not what is left of a key because there is no other.
                guard read.namesObject, let rest = publicKeys.first else {
                    throw KeyStoreError(
                        .noSuchKey, "there is no such key on the token", operation: "delete key", subject: uri.text)
                }
                return try deletePublicParts([rest])
            }
            let siblings = try self.siblings(of: key)
            // Without a public object, the certificates are all of the key that anybody can see.
            let certified = siblings.isEmpty ? try knownPublicKey(of: key) : nil
            try destroy(key.handle, "delete key")
            try deletePublicParts(siblings)
            if let certified {
                _ = try removeCertificates(of: KeyIdentity(id: key.id, label: key.label, publicKey: certified))
            }
        }
    }

    /// Nil where the token does not tell.
    private func knownPublicKey(of key: ObjectRecord) throws(KeyStoreError) -> PublicKey? {
        do throws(KeyStoreError) {
            return try publicKey(of: key)
        } catch {
            guard SessionLoss(error) == nil else { throw error }
            return nil
        }
    }

    /// The public objects that belong to a private key and to no other.
    func siblings(of key: ObjectRecord) throws(KeyStoreError) -> [ObjectRecord] {
        let id = key.id.isEmpty ? nil : key.id
        let label = key.id.isEmpty ? key.label : nil
        guard id != nil || label?.isEmpty == false else { return [] }
        let publicKeys = try records(CKO_PUBLIC_KEY, id: id, label: label).filter { $0.type == key.type }
        let others = try records(CKO_PRIVATE_KEY, id: id, label: label).filter { $0.handle != key.handle }
        return others.isEmpty ? publicKeys : publicKeys.filter { $0.label == key.label }
    }

    private func deletePublicParts(_ records: [ObjectRecord]) throws(KeyStoreError) {
        for record in records {
            if let publicKey = try? record.publicKey() {
                _ = try removeCertificates(
                    of: KeyIdentity(id: record.id, label: record.label, publicKey: publicKey))
            }
            try destroy(record.handle, "delete key")
        }
    }
}
