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
            let search = KeySearch(
                session: session, uri: roll.key.uri, type: roll.generate, pinPolicy: roll.pinPolicy,
                touchPolicy: roll.touchPolicy, journal: journal
            ) { [progress, step] in progress(RenewalProgress(step: step, kind: .detail, text: $0)) }
            let (handle, isGenerated) = try await search.find(
                intended: { try milestone(.keyIntended) }, generated: { try milestone(.keyGenerated) })
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
        for warning in proof.warnings { tell(.warning, warning) }
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
