import KeyStoreCore
import KeyStoreTLS
import KeyStoreVerification
import X509

/// The keys: the one that the identity has, and the one that takes over.
extension RenewalRun {
    /// The key that the identity file names. Opened once.
    mutating func openCurrent(_ identity: IdentityFile) async throws(EnrollmentError) -> EnrollmentKey {
        if let currentKey { return currentKey }
        let deletes = roll?.deletesOldKey ?? false
        let uri = try identity.keyReference()
        do throws(KeyStoreError) {
            let source = try finder(uri)
            let opened = try await source.openSession(forWriting: roll == nil || deletes, mustWrite: deletes)
            current = opened
            if deletes, opened.session.deleting == nil {
                throw KeyStoreError(
                    .unsupportedOperation, "the backend cannot delete keys", operation: "delete old key",
                    subject: source.uri.text)
            }
            let key = try await opened.session.key(at: source.uri)
            let found = EnrollmentKey(handle: key, publicKey: try await key.publicKey(), isGenerated: false)
            tell(.detail, "\(found.publicKey.type) key \(key.info.uri)")
            currentKey = found
            return found
        } catch {
            throw EnrollmentError(error)
        }
    }

    /// The key that takes over, and what it has proved that it can sign with; the same key, without a proof, where it stays.
    mutating func openTakingKey(
        beside old: EnrollmentKey
    ) async throws -> (EnrollmentKey, SignatureProof?) {
        guard let roll else { return (old, nil) }
        let journal = try requireJournal()
        let oldFingerprint = Hexadecimal.encode(old.publicKey.sha256Fingerprint)
        try journal.update { record in
            record.oldKey = old.handle.info.uri.redacted
            record.oldFingerprint = oldFingerprint
        }
        let key: EnrollmentKey
        do {
            let isKnown = journal.record.key != nil
            let session = try await openTaking(mustWrite: roll.generate != nil && !isKnown)
            let (handle, isGenerated) = try await find(roll, session)
            key = EnrollmentKey(handle: handle, publicKey: try await handle.publicKey(), isGenerated: isGenerated)
        } catch let error as KeyStoreError {
            throw EnrollmentError(error)
        }
        let fingerprint = Hexadecimal.encode(key.publicKey.sha256Fingerprint)
        guard fingerprint != oldFingerprint else {
            throw EnrollmentError(
                .keyUnchanged, "the key that is to take over is the one that the identity has",
                hint: "Name another key, or make one with --generate. 'identity renew' keeps the key.")
        }
        if let known = journal.record.fingerprint, known != fingerprint {
            throw EnrollmentError(
                KeyStoreError(
                    .identityChanged, "another key stands where that of the earlier attempt was",
                    operation: "open key", subject: key.handle.info.uri.text))
        }
        try journal.update { record in
            record.step = RenewalStep.openKey.rawValue
            record.isGenerating = false
            record.isGenerated = key.isGenerated
            record.key = key.handle.info.uri.redacted
            record.fingerprint = fingerprint
        }
        try milestone(.keyRecorded)
        tell(.detail, "\(key.publicKey.type) key \(key.handle.info.uri)\(key.isGenerated ? ", made for this" : "")")
        try requireNotCancelled()
        let proof = try await SignatureProof.make(with: key.handle, publicKey: key.publicKey)
        for (algorithm, reason) in proof.dropped {
            tell(.warning, "the key cannot sign with \(algorithm), which its store names: \(reason)")
        }
        if !proof.allowsTLS13 { tell(.warning, "the key has no algorithm for TLS 1.3; it works with TLS 1.2 only") }
        return (key, proof)
    }

    /// The key of the new identity file that an earlier attempt has written.
    mutating func openKnownTakingKey(_ identity: IdentityFile) async throws(EnrollmentError) -> EnrollmentKey {
        guard let roll else { return try await openCurrent(identity) }
        let record = try requireJournal().record
        do throws(KeyStoreError) {
            let session = try await openTaking(mustWrite: false)
            var uri = roll.key.uri
            if let text = record.key { uri = try KeyStoreURI(text) }
            let key = try await session.key(at: uri)
            return EnrollmentKey(
                handle: key, publicKey: try await key.publicKey(), isGenerated: record.isGenerated)
        } catch {
            throw EnrollmentError(error)
        }
    }

    private mutating func openTaking(mustWrite: Bool) async throws(KeyStoreError) -> any KeyStoreSession {
        if let taking { return taking.session }
        guard let roll else { throw KeyStoreError(.invalidData, "no key takes over") }
        let opened = try await roll.key.openSession(forWriting: true, mustWrite: mustWrite)
        taking = opened
        return opened.session
    }

    /// The key that takes over, and whether this roll made it.
    private func find(_ roll: KeyRoll, _ session: any KeyStoreSession) async throws -> (any Key, Bool) {
        let journal = try requireJournal()
        let known = journal.record
        let uri = roll.key.uri
        if let text = known.key {
            do {
                return (try await session.key(at: KeyStoreURI(text)), known.isGenerated)
            } catch {
                // A key that was made and is gone can be made again: no certificate is for it that anybody uses.
                guard error.code == .noSuchKey, known.isGenerated, roll.generate != nil else { throw error }
                try journal.update { record in
                    record.key = nil
                    record.fingerprint = nil
                    record.isGenerated = false
                }
            }
        }
        guard let type = roll.generate else { return (try await session.key(at: uri), false) }
        do {
            let key = try await session.key(at: uri)
            guard known.isGenerating, key.info.type == type else { throw Self.taken(uri, nil) }
            return (key, true)
        } catch let error as KeyStoreError {
            guard error.code != .ambiguousKey else { throw Self.taken(uri, error) }
            guard error.code == .noSuchKey else { throw error }
        }
        if known.isGenerating {
            try await removeHalf(of: type, session, uri)
        } else {
            try await session.requireNoPublicKey(at: uri)
        }
        try journal.update { $0.isGenerating = true }
        try milestone(.keyIntended)
        tell(.detail, "making an \(type) key")
        do {
            let key = try await make(type, roll, session)
            try milestone(.keyGenerated)
            return (key, true)
        } catch let error as KeyStoreError {
            // The store says that it made nothing, unless it lost sight of the token meanwhile.
            let open: Set<KeyStoreError.Code> = [.tokenRemoved, .timedOut, .cancelled, .invalidReply]
            if !open.contains(error.code) {
                try journal.update { $0.isGenerating = false }
            }
            throw error
        }
    }

    private func make(
        _ type: KeyType, _ roll: KeyRoll, _ session: any KeyStoreSession
    ) async throws(KeyStoreError) -> any Key {
        guard roll.pinPolicy != nil || roll.touchPolicy != nil else {
            return try await session.generateKey(type, at: roll.key.uri)
        }
        guard let policies = session.policies else {
            // Left out, a policy would make another key than the one asked for.
            throw KeyStoreError(
                .unsupportedOperation, "the backend makes no keys with policies", operation: "make key",
                subject: roll.key.uri.text)
        }
        let wanted = NewKeyOptions(pinPolicy: roll.pinPolicy, touchPolicy: roll.touchPolicy)
        return try await policies.generateKey(type, options: wanted, at: roll.key.uri)
    }

    /// Removes the public key that a token has kept where it was stopped while making the pair. It serves no private key,
    /// takes the label, and would be in the way for good.
    private func removeHalf(
        of type: KeyType, _ session: any KeyStoreSession, _ uri: KeyStoreURI
    ) async throws(KeyStoreError) {
        guard let deleting = session.deleting else { return }
        do throws(KeyStoreError) {
            guard try await session.publicKey(at: uri).type == type else { return }
            try await deleting.deleteKey(at: uri)
            tell(.detail, "removed the public half of a key that an earlier attempt began to make")
        } catch {
            guard error.code == .noSuchKey else { throw error }
        }
    }

    private static func taken(_ uri: KeyStoreURI, _ cause: KeyStoreError?) -> EnrollmentError {
        EnrollmentError(
            KeyStoreError(
                .keyExists, "there is a key already that the reference names", operation: "make key",
                subject: uri.text, underlying: cause)
        ).hinting("Leave out --generate to use it, or give the new key a label or id of its own.")
    }

    /// Makes the certificate request: for the subject that the current certificate has.
    func makeRequest(
        _ key: EnrollmentKey, _ algorithms: [SignatureAlgorithm], _ subject: DistinguishedName
    ) async throws(EnrollmentError) -> CertificateRequest {
        do throws(KeyStoreError) {
            let request = try await CertificateRequest.make(
                subject: subject, key: key.handle, publicKey: key.publicKey, algorithms: algorithms)
            tell(.detail, "for \(PlainText.clean("\(subject)")), signed with \(request.algorithm)")
            return request
        } catch {
            throw EnrollmentError(error)
        }
    }

    /// What goes into `id.key` for the key that takes over.
    func reference(of key: EnrollmentKey) async throws(EnrollmentError) -> String {
        let uri = key.handle.info.uri
        guard let roll, roll.isSDKCompatible, let taking else { return uri.text }
        return try await SDKReference.make(for: uri, in: taking.session)
    }
}
