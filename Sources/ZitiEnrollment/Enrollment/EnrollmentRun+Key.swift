import KeyStoreCore
import KeyStoreTLS
import KeyStoreVerification

/// Steps 4 to 6: the key, its proof, and the certificate request.
extension EnrollmentRun {
    /// Selects or makes the key: the fallback where an earlier attempt used it, or where the token is absent.
    mutating func openKey() async throws -> EnrollmentKey {
        guard let source else { throw EnrollmentError(.defect, "there is no key") }
        let record = try requireJournal().record
        if record.source == .fallback {
            if let fallback = options.fallback { return try await openKey(fallback, .fallback) }
            if record.isPosted || record.certificate != nil { throw otherKey(record) }
        }
        do {
            return try await openKey(source, .key)
        } catch let error as EnrollmentError {
            guard let fallback = options.fallback, !record.isPosted, record.certificate == nil,
                let cause = error.keyStoreError, cause.code == .noSuchToken || cause.code == .tokenRemoved
            else { throw error }
            await opened?.close()
            opened = nil
            tell(
                .warning,
                "the token of \(source.uri) is absent (\(cause.message)); the fallback \(fallback.uri) is used instead")
            try requireJournal().update { $0.fallbackReason = cause.message }
            return try await openKey(fallback, .fallback)
        }
    }

    private mutating func openKey(_ source: KeySource, _ kind: JournalRecord.Source) async throws -> EnrollmentKey {
        let journal = try requireJournal()
        let earlier = journal.record
        let isSame = earlier.source == kind && earlier.requestedKey == source.uri.redacted
        let type = kind == .fallback ? options.generate ?? .ecP256 : options.generate
        let isKnown = isSame && earlier.key != nil
        do {
            let opened = try await source.openSession(forWriting: true, mustWrite: type != nil && !isKnown)
            self.opened = opened
            let (key, isGenerated) = try await find(
                opened.session, source.uri, kind, generate: type, known: isSame ? earlier : nil)
            // Making a key has replaced what was known of an earlier one.
            let record = journal.record
            let publicKey = try await key.publicKey()
            let fingerprint = Hexadecimal.encode(publicKey.sha256Fingerprint)
            if let known = record.fingerprint, known != fingerprint {
                if record.isPosted || record.certificate != nil { throw otherKey(record) }
                if isKnown {
                    throw KeyStoreError(
                        .identityChanged, "another key stands where that of the earlier attempt was",
                        operation: "open key", subject: key.info.uri.text)
                }
                if record.isGenerated, let left = record.key {
                    tell(.warning, "the key \(left), which an earlier attempt made, stays in its store unused")
                }
            }
            try journal.update { record in
                record.step = EnrollmentStep.openKey.rawValue
                record.source = kind
                record.requestedKey = source.uri.redacted
                record.isGenerating = false
                record.isGenerated = isGenerated
                record.key = key.info.uri.redacted
                record.fingerprint = fingerprint
                if kind == .key { record.fallbackReason = nil }
            }
            tell(.detail, "\(publicKey.type) key \(key.info.uri)\(isGenerated ? ", made for this enrollment" : "")")
            try milestone(.keyRecorded)
            try requireNotCancelled()
            return EnrollmentKey(handle: key, publicKey: publicKey, isGenerated: isGenerated)
        } catch let error as KeyStoreError {
            throw EnrollmentError(error)
        }
    }

    /// The key, and whether this enrollment made it. `known` is what the journal says of this very reference.
    private mutating func find(
        _ session: any KeyStoreSession, _ uri: KeyStoreURI, _ kind: JournalRecord.Source, generate type: KeyType?,
        known: JournalRecord?
    ) async throws -> (any Key, Bool) {
        if let known, let text = known.key {
            do {
                return (try await session.key(at: KeyStoreURI(text)), known.isGenerated)
            } catch {
                // A key that was made and is gone can be made again, as long as nothing was asked for with it.
                guard error.code == .noSuchKey, known.isGenerated, type != nil, !known.isPosted,
                    known.certificate == nil
                else { throw error }
            }
        }
        guard let type else { return (try await session.key(at: uri), false) }
        do {
            let key = try await session.key(at: uri)
            if known?.isGenerating == true {
                guard key.info.type == type else {
                    throw KeyStoreError(
                        .keyExists, "the key that an earlier attempt made is not of the type \(type)",
                        operation: "make key", subject: uri.text)
                }
                return (key, true)
            }
            if kind == .fallback { return (key, false) }
            throw EnrollmentError(
                KeyStoreError(
                    .keyExists, "there is a key already that the reference names", operation: "make key",
                    subject: uri.text)
            ).hinting("Leave out --generate to use it, or give the new key a label or id of its own.")
        } catch let error as KeyStoreError {
            guard error.code != .ambiguousKey || kind == .fallback else {
                throw EnrollmentError(
                    KeyStoreError(
                        .keyExists, "there are keys already that the reference names", operation: "make key",
                        subject: uri.text, underlying: error)
                ).hinting("Give the new key a label or id of its own.")
            }
            guard error.code == .noSuchKey else { throw error }
        }
        let wantsPolicies = options.pinPolicy != nil || options.touchPolicy != nil
        if wantsPolicies, session.policies == nil {
            // Left out, a policy would make another key than the one asked for.
            throw KeyStoreError(
                .unsupportedOperation, "the backend makes no keys with policies", operation: "make key",
                subject: uri.text)
        }
        if known?.isGenerating == true {
            try await removeHalf(of: type, session, uri)
        } else {
            try await session.requireNoPublicKey(at: uri)
        }
        try requireJournal().update { record in
            record.source = kind
            record.requestedKey = uri.redacted
            record.isGenerating = true
            record.isGenerated = false
            record.key = nil
            record.fingerprint = nil
        }
        try milestone(.keyIntended)
        tell(.detail, "making an \(type) key")
        do {
            let key: any Key
            if wantsPolicies, let policies = session.policies {
                let wanted = NewKeyOptions(pinPolicy: options.pinPolicy, touchPolicy: options.touchPolicy)
                key = try await policies.generateKey(type, options: wanted, at: uri)
            } else {
                key = try await session.generateKey(type, at: uri)
            }
            try milestone(.keyGenerated)
            return (key, true)
        } catch let error as KeyStoreError {
            // The store says that it made nothing, unless it lost sight of the token meanwhile.
            if !Self.mayHaveMade(error.code) { try requireJournal().update { $0.isGenerating = false } }
            throw error
        }
    }

    /// Whether a failure leaves open if a key was made: the answer did not come, or could not be read.
    private static func mayHaveMade(_ code: KeyStoreError.Code) -> Bool {
        [.tokenRemoved, .timedOut, .cancelled, .invalidReply].contains(code)
    }

    /// Removes the public key that a token has kept where it was stopped while making the pair, as SoftHSM does. It serves no
    /// private key, takes the label, and would be in the way for good.
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

    /// Lets the key prove what it can sign with, and reports what it cannot.
    mutating func prove(_ key: EnrollmentKey) async throws -> SignatureProof {
        let proof = try await SignatureProof.make(with: key.handle, publicKey: key.publicKey)
        for (algorithm, reason) in proof.dropped {
            tell(.warning, "the key cannot sign with \(algorithm), which its store names: \(reason)")
        }
        tell(.detail, "signs with \(proof.usable.map(\.description).joined(separator: ", "))")
        if !proof.allowsTLS13 { tell(.warning, "the key has no algorithm for TLS 1.3; it works with TLS 1.2 only") }
        try requireNotCancelled()
        return proof
    }

    /// What goes into `id.key`: the reference, or what the backend gives for the OpenZiti SDKs, which is copied without
    /// being read.
    func keyReference(_ key: EnrollmentKey) async throws(EnrollmentError) -> String {
        let uri = key.handle.info.uri
        guard options.isSDKCompatible else { return uri.text }
        guard let opened else { throw EnrollmentError(.defect, "no store is open") }
        return try await SDKReference.make(for: uri, in: opened.session)
    }

    /// Makes the certificate request, and its PEM.
    mutating func makeRequest(
        _ key: EnrollmentKey, _ algorithms: [SignatureAlgorithm], commonName: String
    ) async throws(EnrollmentError) -> CertificateRequest {
        do throws(KeyStoreError) {
            let request = try await CertificateRequest.make(
                commonName: commonName, organization: options.organization, key: key.handle,
                publicKey: key.publicKey, algorithms: algorithms)
            tell(.detail, "for CN=\(commonName), signed with \(request.algorithm)")
            return request
        } catch {
            throw EnrollmentError(error)
        }
    }

    private func otherKey(_ record: JournalRecord) -> EnrollmentError {
        EnrollmentError(
            .unfinishedEnrollment, "the one-time token was sent with another key: \(record.key ?? "")",
            hint: "Run the enrollment again with the same --key.")
    }
}
