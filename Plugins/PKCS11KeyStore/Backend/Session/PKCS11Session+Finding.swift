import CP11Kit
import KeyStoreCore
import KeyStorePlugin

extension PKCS11Session {
    func key(at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey {
        try privateKey(at: uri)
    }

    /// Finds the one private key that the reference names, with one search, which mostly finds its public key too.
    func privateKey(at uri: KeyStoreURI) throws(KeyStoreError) -> PKCS11Key {
        try perform("find key") { () throws(KeyStoreError) in
            let read = try reference(uri, "find key", types: [.private])
            try logIn()
            let found = try keyObjects(CKO_PRIVATE_KEY, id: read.id, label: read.label)
            let privateKeys = found.filter(\.isPrivateKey)
            if privateKeys.count > 1 { throw try ambiguous(privateKeys, at: uri) }
            guard let record = privateKeys.first else {
                try demandSightOfPrivateObjects("find key")
                try demandToken("find key")
                throw KeyStoreError(
                    .noSuchKey, "there is no such private key on the token", operation: "find key", subject: uri.text)
            }
            return PKCS11Key(
                self, record, try info(of: record, publicKey: try knownPublicKey(of: record, among: found)))
        }
    }

    func publicKey(at uri: KeyStoreURI) throws(KeyStoreError) -> PublicKey {
        try perform("find public key") { () throws(KeyStoreError) in
            let read = try reference(uri, "find public key", types: [.private, .public, .cert])
            // Public objects need no login, so that no PIN is asked for what anybody may see.
            let found = try keyObjects(CKO_PUBLIC_KEY, id: read.id, label: read.label)
            let visible = found.filter(\.isPublicKey)
            if visible.count > 1 { throw try ambiguous(visible, at: uri) }
            if let record = visible.first, let key = try record.publicKey() { return key }
            if found.contains(where: \.isCertificate), let key = try certifiedKey(id: read.id, label: read.label) {
                return key
            }
            var withoutType = read
            withoutType.path[.type] = nil
            return try privateKey(at: try withoutType.normalForm()).publicKey()
        }
    }

    /// The objects that have the id and label, whatever they are, so that one search brings all parts of a key. Only where
    /// neither is given, those of the class.
    private func keyObjects(
        _ objectClass: CK_OBJECT_CLASS, id: [UInt8]?, label: [UInt8]?
    ) throws(KeyStoreError) -> [ObjectRecord] {
        guard id != nil || label != nil else { return try records(objectClass, id: nil, label: nil) }
        var template = AttributeTemplate()
        if let id { template.add(CKA_ID, id) }
        if let label { template.add(CKA_LABEL, label) }
        return try read(try find(template))
    }

    /// The public key of a private key: as objects that were found with it tell, or by a search of its own. Nil where that is
    /// not certain; then asking for the public key says why.
    private func knownPublicKey(of record: ObjectRecord, among found: [ObjectRecord]) throws(KeyStoreError)
        -> PublicKey?
    {
        if record.keyType == CKK_RSA, let key = try record.publicKey() { return key }
        guard !record.id.isEmpty || !record.label.isEmpty else { return nil }
        let own = found.filter {
            $0.isPublicKey && $0.type == record.type && $0.id == record.id && $0.label == record.label
        }
        if own.count == 1, let key = try? own[0].publicKey() { return key }
        // Looked up now and not when it is asked for, as a key that is found again later is compared with it.
        return try? publicKey(of: record)
    }

    /// The public key of a private key whose own object does not tell: from the public object or the certificate of the same
    /// id, or of the same label for a key without an id.
    func publicKey(of record: ObjectRecord) throws(KeyStoreError) -> PublicKey {
        if record.keyType == CKK_RSA, let key = try record.publicKey() { return key }
        let id = record.id.isEmpty ? nil : record.id
        let label = record.id.isEmpty ? record.label : nil
        if id != nil || label?.isEmpty == false {
            var found = try records(CKO_PUBLIC_KEY, id: id, label: label).filter { $0.type == record.type }
            // Where several share an id, the label says which one belongs.
            if found.count > 1 { found = found.filter { $0.label == record.label } }
            if found.count > 1 { throw try ambiguous(found, at: try self.uri(of: record)) }
            if let key = try found.first?.publicKey() { return key }
        }
        if let key = try record.publicKey() { return key }
        if let key = try certifiedKey(id: id, label: label), key.type == record.type { return key }
        throw KeyStoreError(
            .noSuchKey,
            "the token has no public key for this private key: neither a public key object with its id nor a certificate",
            operation: "read public key", subject: try self.uri(of: record).text)
    }

    /// What is known of a key from its private or public object.
    func info(
        of record: ObjectRecord, publicKey: PublicKey?, hasPrivateKey: Bool = true, hasCertificate: Bool = false
    ) throws(KeyStoreError) -> KeyInfo {
        let type = record.type ?? publicKey?.type
        var protection: KeyProtection = []
        if connection.slot.token?.needsLogin == true, record.isPrivateObject || !hasPrivateKey { protection = .login }
        if record.alwaysAuthenticates { protection.insert(.pinAlways) }
        let allowed = try type.map { type throws(KeyStoreError) in try mechanisms(of: type, for: record) } ?? []
        return KeyInfo(
            uri: try uri(of: record), type: type, label: String(decoding: record.label, as: UTF8.self), id: record.id,
            publicKey: publicKey,
            algorithms: !hasPrivateKey || record.canSign ? type.map { allowed.algorithms(of: $0) } ?? [] : [],
            decryptionAlgorithms: hasPrivateKey && record.canDecrypt
                ? type.map { decryptionAlgorithms(of: $0, allowed) } ?? [] : [],
            canAgree: hasPrivateKey && (record.canDerive || quirks.contains(.unsaidDerivation))
                && type.map { allowed.canAgree($0) } == true,
            protection: protection, hasPrivateKey: hasPrivateKey, hasCertificate: hasCertificate,
            isExtractable: hasPrivateKey && record.isExtractable)
    }

    /// Names a key so that the reference can be given back: the token, its serial number, and the key's id and label.
    func uri(of record: ObjectRecord) throws(KeyStoreError) -> KeyStoreURI {
        try uri(id: record.id, label: record.label)
    }

    func uri(id: [UInt8], label: [UInt8]) throws(KeyStoreError) -> KeyStoreURI {
        let slot = connection.slot
        var path: [PathAttribute: [UInt8]] = [.type: Array(ObjectType.private.rawValue.utf8)]
        if let token = slot.token, token.label.isUTF8 || token.serial.isEmpty { path[.token] = token.label }
        if let serial = slot.token?.serial, !serial.isEmpty { path[.serial] = serial }
        if !id.isEmpty { path[.id] = id }
        // References hold text (RFC 7512 §2.3), so that what is none does not name the key where something else does.
        if !label.isEmpty, label.isUTF8 || id.isEmpty { path[.object] = label }
        return try PKCS11URI(path: path, modulePath: slot.modulePath).normalForm()
    }

    /// Reads a reference to something on this session's token. One to another token is `noSuchKey`, one to another type of
    /// object than the operation takes `invalidURI`.
    func reference(
        _ uri: KeyStoreURI, _ operation: String, types: [ObjectType]
    ) throws(KeyStoreError) -> PKCS11URI {
        let read = try PKCS11URI(uri)
        if let type = read.type, !types.contains(type) {
            let known = types.map(\.rawValue).joined(separator: ", ")
            throw KeyStoreError(
                .invalidURI, "the reference says 'type=\(type.rawValue)', and this takes \(known) or no type",
                operation: operation, subject: uri.text)
        }
        guard try connection.slot.matches(read) else {
            throw KeyStoreError(
                .noSuchKey, "the reference names another token than the session's", operation: operation,
                subject: uri.text)
        }
        return read
    }

    func ambiguous(_ records: [ObjectRecord], at uri: KeyStoreURI) throws(KeyStoreError) -> KeyStoreError {
        var uris: [KeyStoreURI] = []
        for record in records { uris.append(try self.uri(of: record)) }
        return KeyStoreError.ambiguousKey(uris, at: uri)
    }
}
