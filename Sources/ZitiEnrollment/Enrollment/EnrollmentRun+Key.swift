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
            let search = KeySearch(
                session: opened.session, uri: source.uri, type: type, pinPolicy: options.pinPolicy,
                touchPolicy: options.touchPolicy, takesExisting: kind == .fallback, journal: journal, isKnown: isSame,
                mayMakeAgain: !earlier.isPosted && earlier.certificate == nil
            ) { [progress, step] in progress(EnrollmentProgress(step: step, kind: .detail, text: $0)) }
            let (key, isGenerated) = try await search.find(
                mark: { record in
                    record.source = kind
                    record.requestedKey = source.uri.redacted
                }, intended: { try milestone(.keyIntended) }, generated: { try milestone(.keyGenerated) })
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

    /// Lets the key prove what it can sign with, and reports what it cannot.
    mutating func prove(_ key: EnrollmentKey) async throws -> SignatureProof {
        let proof = try await SignatureProof.make(with: key.handle, publicKey: key.publicKey)
        for warning in proof.warnings { tell(.warning, warning) }
        tell(.detail, "signs with \(proof.usable.map(\.description).joined(separator: ", "))")
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
