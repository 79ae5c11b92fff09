import KeyStoreCore
import KeyStorePlugin

extension InMemorySession {
    func generateKey(
        _ type: KeyType, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        try demand(options.purpose, of: type)
        do {
            return try add(try InMemoryKey.generate(type), options, isImported: false, at: uri)
        } catch let error as KeyStoreError {
            throw error
        } catch {
            throw KeyStoreError(.backendFailure, "the key could not be made", underlying: error)
        }
    }

    func importKey(
        pem: UnsafeRawBufferPointer, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        guard let key = InMemoryKey(pem: String(decoding: pem, as: UTF8.self)) else {
            throw KeyStoreError(.invalidData, "this is not an unencrypted private key in PEM")
        }
        try demand(options.purpose, of: try PublicKey(der: key.publicKeyDER).type)
        return try add(key, options, isImported: true, at: uri)
    }

    func attestation(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        let entry = try entry(at: uri)
        guard !entry.isImported else {
            throw KeyStoreError(.policyRefused, "this key was not made on the token, which so cannot attest it")
        }
        if case .x25519 = entry.key {
            throw KeyStoreError(.unsupportedMechanism, "X25519 keys stand in no certificate that is made here")
        }
        do {
            return try InMemoryAttestation.chain(for: entry.key.publicKeyDER)
        } catch {
            throw KeyStoreError(.backendFailure, "the key could not be attested", underlying: error)
        }
    }

    func moveKey(at uri: KeyStoreURI, to place: KeyStoreURI) throws(KeyStoreError) -> KeyInfo {
        try writable()
        try login()
        let reference = try InMemoryReference(place)
        guard reference.token == store.name, reference.label != nil || reference.id != nil else {
            throw KeyStoreError(.invalidURI, "a key moves to another label or id on its own token", subject: place.text)
        }
        return try rename(try entry(at: uri), label: reference.label, id: reference.id)
    }

    /// Asks for what the policies of a key demand for each use.
    func authorise(_ entry: InMemoryToken.Entry) throws(KeyStoreError) {
        let info = try store.info
        if protection(of: entry).contains(.pinAlways) {
            let request = PINRequest(
                kind: .contextPIN, subject: info.label, uri: info.uri.text, triesLeft: info.triesLeft,
                countIsLow: info.flags.contains(.pinCountLow))
            try store.login(try host.secret(request))
        }
        if protection(of: entry).contains(.touch) {
            host.notice(.touchAwaited("A touch of \(info.label) would be awaited here."))
            host.notice(.awaitedDone(""))
        }
    }

    /// What stands between a program and the use of a key.
    func protection(of entry: InMemoryToken.Entry) -> KeyProtection {
        var protection: KeyProtection = []
        if store.state.withLock({ $0.pin != nil }) {
            switch entry.options.pinPolicy {
            case .never: break
            case .once, nil: protection.insert(.login)
            case .always: protection.formUnion([.login, .pinAlways])
            }
        }
        switch entry.options.touchPolicy {
        case .never, nil: break
        case .always, .cached: protection.insert(.touch)
        }
        return protection
    }

    /// What else is known of a key.
    func properties(of entry: InMemoryToken.Entry) -> [KeyInfo.Property] {
        var properties = [KeyInfo.Property(name: "origin", value: entry.isImported ? "imported" : "generated")]
        if let policy = entry.options.pinPolicy { properties.append(.init(name: "pin-policy", value: "\(policy)")) }
        if let policy = entry.options.touchPolicy { properties.append(.init(name: "touch-policy", value: "\(policy)")) }
        return properties
    }
}
