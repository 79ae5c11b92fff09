import KeyStoreCore
import X509

/// Going on with what an earlier attempt left, and what comes after the identity file was replaced.
extension RenewalRun {
    /// Goes on with the new identity file that stands beside the old one. Nil where it turned out to be worth nothing, and
    /// was removed: then everything begins anew. Throws `identityLost` where the controller accepts neither.
    mutating func goOn(
        with next: IdentityFile, instead identity: IdentityFile
    ) async throws -> RenewalResult? {
        if let difference = try difference(of: next, from: identity) {
            try setAside(difference)
            return nil
        }
        begin(.prove, "\(next.controller)")
        tell(.detail, "an earlier attempt has written '\(files.nextPath)'; the controller says what it is worth")
        let key = try await openKnownTakingKey(identity)
        guard (try? next.requireCertificate(of: key.publicKey)) != nil else {
            try setAside("is for another key than \(key.handle.info.uri)")
            return nil
        }
        if try await isAccepted(next, key) { return try await replace(identity, by: next, key: key, oldKey: nil) }

        begin(.logIn, "\(identity.controller)")
        let old = try await openCurrent(identity)
        let session = try await logInAgain(identity, with: old)
        begin(.findAuthenticator)
        let authenticator = try await findAuthenticator(of: try identity.leaf().sha1Fingerprint, session)
        begin(.verify)
        guard try await isVerified(next, authenticator, session, key) else { return nil }
        return try await replace(identity, by: next, key: key, oldKey: old)
    }

    /// Why the new file cannot be a successor of the identity file; nil if it can. An identity may have been enrolled anew
    /// while the file of an earlier one stood there.
    private func difference(
        of next: IdentityFile, from identity: IdentityFile
    ) throws(EnrollmentError) -> String? {
        let (name, before) = (try next.certificate().identityID, try identity.certificate().identityID)
        if name != before { return "is of the identity '\(name)' and not of '\(before)'" }
        let isShared = next.controllers.contains { identity.controllers.contains($0) }
        return isShared ? nil : "is for \(next.controller) and not for \(identity.controller)"
    }

    /// Moves the new file away, which the identity file must not become. It is kept: an administrator may know its worth.
    private mutating func setAside(_ reason: String) throws(EnrollmentError) {
        let path = try files.setNextAside()
        tell(.warning, "'\(files.nextPath)' \(reason); it stands in '\(path)' now, and the renewal begins anew")
        try requireJournal().update { $0.certificate = nil }
        isResumed = false
    }

    /// Logs in with the identity file's certificate after that of the new file was refused.
    private mutating func logInAgain(
        _ identity: IdentityFile, with old: EnrollmentKey
    ) async throws(EnrollmentError) -> ControllerSession {
        do throws(EnrollmentError) {
            return try await logIn(identity, with: old)
        } catch {
            guard error.isCertificateRefused else { throw error }
            throw EnrollmentError(
                .identityLost,
                "the controller accepts neither the identity file's certificate nor that of '\(files.nextPath)'",
                hint: "Somebody replaced or withdrew the certificate. Enroll the identity anew; the keys are kept.",
                refusal: error.refusal)
        }
    }

    /// Tells the controller of the certificate that an earlier attempt left. False where it waits for another one or for
    /// none: then the file that holds it is removed.
    private mutating func isVerified(
        _ next: IdentityFile, _ authenticator: String, _ session: ControllerSession, _ key: EnrollmentKey
    ) async throws -> Bool {
        do {
            try await verify(next, authenticator, session, key: key)
            return true
        } catch {
            guard (error as? EnrollmentError)?.code == .otherCertificatePending else { throw error }
            tell(.detail, "it is worth nothing any more; the renewal begins anew")
            try files.dropNext()
            try requireJournal().update { $0.certificate = nil }
            return false
        }
    }

    /// Stores the certificate beside its key, destroys the old key where that was asked for, and removes the journal.
    mutating func finish(
        _ identity: IdentityFile, old: EnrollmentKey?, key known: EnrollmentKey? = nil
    ) async throws -> RenewalResult {
        if known == nil { isResumed = true }
        let key = if let known { known } else { try await openKnownTakingKey(identity) }
        begin(.storeCertificate)
        let isStored = await store(identity.certificates, beside: key)
        try milestone(.certificateStored)

        let certificate = try identity.certificate()
        var result = result(
            certificate, key: key, isRenewed: true, controller: sessions.last?.controller ?? identity.controller,
            sessions.last?.identityID ?? certificate.identityID)
        result.isCertificateStored = isStored
        let journal = try requireJournal()
        if let roll, let text = journal.record.oldKey {
            let uri = try oldReference(text)
            result.oldKey = uri
            if roll.deletesOldKey {
                begin(.deleteOldKey, uri.redacted)
                try await delete(uri, journal.record.oldFingerprint ?? "")
                result.isOldKeyDeleted = true
            } else {
                tell(.detail, "the old key \(uri) is kept")
            }
        }
        try milestone(.oldKeyDeleted)
        try journal.remove()
        self.journal = nil
        try milestone(.journalRemoved)
        return result
    }

    private func oldReference(_ text: String) throws(EnrollmentError) -> KeyStoreURI {
        do {
            return try KeyStoreURI(text)
        } catch {
            throw EnrollmentError(error)
        }
    }

    /// Destroys the old key. One that is gone is done with.
    private mutating func delete(_ uri: KeyStoreURI, _ fingerprint: String) async throws(EnrollmentError) {
        do throws(KeyStoreError) {
            if current == nil {
                current = try await finder(uri).openSession(forWriting: true, mustWrite: true)
            }
            guard let session = current?.session, let deleting = session.deleting else {
                throw KeyStoreError(
                    .unsupportedOperation, "the backend cannot delete keys", operation: "delete old key",
                    subject: uri.text)
            }
            let publicKey = try await session.key(at: uri).publicKey()
            guard Hexadecimal.encode(publicKey.sha256Fingerprint) == fingerprint else {
                throw KeyStoreError(
                    .identityChanged, "another key stands where the old one was", operation: "delete old key",
                    subject: uri.text)
            }
            try await deleting.deleteKey(at: uri)
            tell(.detail, "deleted")
        } catch {
            if error.code == .noSuchKey { return }
            throw EnrollmentError(error).hinting(
                "The identity has the new key and works; the old one is there still. Run the same command again to "
                    + "delete it, or without --delete-old to leave it.")
        }
    }

    /// Stores the certificates beside the key. A failure is told, and ends nothing: the identity file holds them.
    private func store(_ certificates: [[UInt8]], beside key: EnrollmentKey) async -> Bool {
        let opened = roll == nil ? current : taking
        guard let storing = opened?.session.certificates else {
            tell(.detail, "the backend has no place for certificates")
            return false
        }
        do {
            try await storing.store(certificates, at: key.handle.info.uri)
            tell(.detail, "stored beside \(key.handle.info.uri)")
            return true
        } catch {
            tell(.warning, "the certificate could not be stored beside the key: \(error.message)")
            return false
        }
    }
}
