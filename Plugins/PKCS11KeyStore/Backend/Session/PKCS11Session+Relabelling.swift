import CP11Kit
import KeyStoreCore
import KeyStorePlugin

extension PKCS11Session: RelabellingBackendSession {
    /// Renames the private key first: where the token does not permit it, nothing has changed. What was changed before a
    /// failure gets its old name back.
    func relabel(at uri: KeyStoreURI, label: String?, id: [UInt8]?) throws(KeyStoreError) -> KeyInfo {
        let operation = "relabel key"
        do {
            return try perform(operation) { () throws(KeyStoreError) in
                try demandWritable(operation)
                let key = try privateKey(at: uri)
                let name = try Name(label: label.map { Array($0.utf8) }, id: id, of: key.record)
                let objects = try objects(of: key)
                try demandFree(name, except: objects, operation)
                try rename(objects, to: name, operation)
                return try info(ofRenamed: key, name)
            }
        } catch {
            throw error.during(operation, of: uri.text)
        }
    }

    /// The parts of a name that are to change.
    private struct Name {
        let label: [UInt8]?
        let id: [UInt8]?
        /// Label and id as they are to be in the end.
        let whole: (label: [UInt8], id: [UInt8])

        init(label: [UInt8]?, id: [UInt8]?, of key: ObjectRecord) throws(KeyStoreError) {
            guard label?.count ?? 0 <= ObjectRecord.maximumLabelLength, id?.count ?? 0 <= ObjectRecord.maximumIDLength
            else {
                throw KeyStoreError(
                    .invalidData,
                    "a label has \(ObjectRecord.maximumLabelLength) bytes at most, and an id \(ObjectRecord.maximumIDLength)"
                )
            }
            self.label = label == key.label ? nil : label
            self.id = id == key.id ? nil : id
            whole = (label ?? key.label, id ?? key.id)
            // Nothing would hold the key's objects together any more.
            guard !whole.id.isEmpty || key.id.isEmpty, !whole.id.isEmpty || !whole.label.isEmpty else {
                throw KeyStoreError(.invalidData, "an empty id names nothing; give the key another one")
            }
        }
    }

    /// One object of the key, as it was called before.
    private struct Part {
        let handle: CK_OBJECT_HANDLE
        let kind: String
        let label: [UInt8]
        let id: [UInt8]
    }

    /// The private key, its public key and its own certificates. What others have part in keeps its name.
    private func objects(of key: PKCS11Key) throws(KeyStoreError) -> [Part] {
        var handles = [("private key", key.record.handle)]
        handles += try siblings(of: key.record).map { ("public key", $0.handle) }
        if let publicKey = try? key.publicKey(), !key.record.id.isEmpty || !key.record.label.isEmpty {
            let identity = KeyIdentity(id: key.record.id, label: key.record.label, publicKey: publicKey)
            handles += try ownCertificates(of: identity).map { ("certificate", $0.handle) }
        }
        let reader = AttributeReader([(CKA_LABEL, 128), (CKA_ID, 64)], varying: [CKA_LABEL, CKA_ID])
        var parts: [Part] = []
        for (kind, object) in handles {
            try reader.read(cryptoki, handle, object)
            parts.append(Part(handle: object, kind: kind, label: reader.bytes(0) ?? [], id: reader.bytes(1) ?? []))
        }
        return parts
    }

    private func demandFree(_ name: Name, except own: [Part], _ operation: String) throws(KeyStoreError) {
        for (what, type, value) in [("label", CKA_LABEL, name.label), ("id", CKA_ID, name.id)] {
            guard let value, !value.isEmpty else { continue }
            var template = AttributeTemplate()
            template.add(type, value)
            let taken = try read(try find(template)).first { found in
                (found.isPrivateKey || found.isPublicKey || found.isCertificate)
                    && !own.contains { $0.handle == found.handle }
            }
            guard let taken else { continue }
            throw KeyStoreError(
                .keyExists, "the \(what) is taken by another object on the token: \(try uri(of: taken))",
                operation: operation)
        }
    }

    private func rename(_ parts: [Part], to name: Name, _ operation: String) throws(KeyStoreError) {
        guard name.label != nil || name.id != nil else { return }
        for (index, part) in parts.enumerated() {
            do throws(KeyStoreError) {
                try setName(of: part.handle, label: name.label, id: name.id, operation)
            } catch {
                // The one that failed too: it may have taken the label and not the id.
                let left = parts[...index].reversed().filter { part in
                    do throws(KeyStoreError) {
                        try setName(
                            of: part.handle, label: name.label == nil ? nil : part.label,
                            id: name.id == nil ? nil : part.id, operation)
                        return false
                    } catch {
                        return (try? isNamed(part)) != true
                    }
                }
                var error = error
                if !left.isEmpty {
                    let kinds = left.map(\.kind).joined(separator: " and the ")
                    error.message += "; the key's \(kinds) could not be given the old name back"
                }
                throw error
            }
        }
    }

    private func isNamed(_ part: Part) throws(KeyStoreError) -> Bool {
        let reader = AttributeReader([(CKA_LABEL, 128), (CKA_ID, 64)], varying: [CKA_LABEL, CKA_ID])
        try reader.read(cryptoki, handle, part.handle)
        return reader.bytes(0) ?? [] == part.label && reader.bytes(1) ?? [] == part.id
    }

    private func setName(
        of object: CK_OBJECT_HANDLE, label: [UInt8]?, id: [UInt8]?, _ operation: String
    ) throws(KeyStoreError) {
        try willChangeToken()
        var template = AttributeTemplate()
        if let label { template.add(CKA_LABEL, label) }
        if let id { template.add(CKA_ID, id) }
        let result = template.withAttributes { attributes, count in
            connection.objects.changing { cryptoki.setAttributeValue(handle, object, attributes, count) }
        }
        switch result {
        case CKR_OK: return
        case CKR_ATTRIBUTE_READ_ONLY, CKR_ACTION_PROHIBITED, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID,
            CKR_TEMPLATE_INCONSISTENT, CKR_FUNCTION_REJECTED:
            // Each token says in its own way that names stay what they are.
            var error = KeyStoreError.pkcs11(result, "C_SetAttributeValue", during: operation)
            error.code = .policyRefused
            error.message = "the token does not let the key be called otherwise"
            throw error
        default: throw KeyStoreError.pkcs11(result, "C_SetAttributeValue", during: operation)
        }
    }

    /// Looks the key up under its new name, as a token may have taken it without keeping it.
    private func info(ofRenamed key: PKCS11Key, _ name: Name) throws(KeyStoreError) -> KeyInfo {
        let label = name.whole.label.isEmpty ? nil : name.whole.label
        let id = name.whole.id.isEmpty ? nil : name.whole.id
        let found = try records(CKO_PRIVATE_KEY, id: id, label: label)
        guard found.count == 1, found[0].keyType == key.record.keyType, found[0].modulus == key.record.modulus else {
            throw KeyStoreError(
                .invalidReply, "the token took the new name, and \(found.count) keys have it",
                operation: "relabel key")
        }
        return try info(of: found[0], publicKey: try? publicKey(of: found[0]))
    }
}
