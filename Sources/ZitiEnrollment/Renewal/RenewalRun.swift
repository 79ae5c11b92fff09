import FoundationEssentials
import KeyStoreCore
import KeyStoreTLS
import SwiftASN1
import X509

/// One run of a renewal or a key roll, from the first step to the last or to where it fails.
struct RenewalRun {
    let files: RenewalFiles
    let roll: KeyRoll?
    let options: RenewalOptions
    let finder: Renewal.KeyFinder
    let progress: RenewalProgress.Handler
    let milestone: RenewalMilestone.Listener

    /// The step that is being taken.
    var step = RenewalStep.logIn
    /// The journal, which also keeps others out.
    var journal: RenewalJournal?
    /// The store of the key in the identity file.
    var current: OpenedStore?
    /// The key in the identity file, once it is open.
    var currentKey: EnrollmentKey?
    /// The store of the key that takes over; nil where the key stays.
    var taking: OpenedStore?
    /// The API sessions that are open.
    var sessions: [ControllerSession] = []
    /// Whether an earlier attempt is gone on with.
    var isResumed = false
    /// Why the certificate is renewed before its time.
    var isRequested = false
    /// Whether the controller asks for another key.
    var isKeyRollRequested = false

    /// Takes all steps. Throws `EnrollmentError`, and `RenewalMilestone.Interruption` in tests.
    mutating func perform() async throws -> RenewalResult {
        try openJournal()
        let identity = try IdentityFile(path: files.identity.path)
        try milestone(.journalMade)
        let record = try requireJournal().record
        let fingerprint = try identity.leaf().sha1Fingerprint
        if record.certificate == fingerprint { return try await finish(identity, old: nil) }

        if let next = try files.readNext() {
            isResumed = true
            if let result = try await goOn(with: next, instead: identity) { return result }
        }
        try requireUsableAuthorities(identity)
        begin(.logIn, "\(identity.controller)")
        let old = try await openCurrent(identity)
        let isDue = try isDue(identity)
        guard let session = try await logIn(identity, with: old, isOptional: !isDue) else {
            return try notDue(identity, nil, key: old)
        }
        try milestone(.loggedIn)
        if !isDue {
            guard session.isExtendRequested else { return try notDue(identity, session, key: old) }
            tell(.detail, "the controller asks for a renewal")
            isRequested = true
        }

        begin(.findAuthenticator)
        let authenticator = try await findAuthenticator(of: fingerprint, session)
        try milestone(.authenticatorFound)

        begin(.openKey, roll.map { "\($0.key.uri)" } ?? "")
        let (key, proof) = try await openTakingKey(beside: old)
        let subject = try identity.leaf().subject
        begin(.makeRequest)
        let request = try await makeRequest(
            key, proof?.usable ?? identity.algorithms(of: key.handle.info), subject)
        try milestone(.requestMade)

        begin(.extend)
        let extended = try await extend(request, authenticator, session)
        try milestone(.extendAnswered)
        let next = try await nextIdentity(identity, extended, key: key, proof: proof, session: session)
        try milestone(.certificateChecked)

        begin(.writeNext, files.nextPath)
        let certificate = try next.leaf().sha1Fingerprint
        try requireJournal().update { $0.certificate = certificate }
        try milestone(.certificateRecorded)
        do {
            try files.writeNext(try next.json())
        } catch {
            // Nothing stands there that the next attempt could go on with.
            try requireJournal().update { $0.certificate = nil }
            throw error
        }
        try milestone(.nextWritten)
        try requireNotCancelled()

        begin(.verify)
        try await verify(next, authenticator, session, key: key)
        return try await replace(identity, by: next, key: key, oldKey: old)
    }

    /// Proves the new certificate, lets its file take the old one's place, and does what comes after that.
    mutating func replace(
        _ identity: IdentityFile, by next: IdentityFile, key: EnrollmentKey, oldKey: EnrollmentKey?
    ) async throws -> RenewalResult {
        begin(.prove, "\(next.controller)")
        if !isProven { _ = try await logIn(next, with: key) }
        try milestone(.newCertificateProven)

        begin(.replace, files.identity.path)
        if try files.replace() {
            tell(.warning, "others than the owner and the group could read the identity file; now they cannot")
        }
        try milestone(.identityReplaced)
        return try await finish(next, old: oldKey, key: key)
    }

    /// Whether the identity has logged in with the new certificate already.
    var isProven = false

    // MARK: Reporting

    mutating func begin(_ next: RenewalStep, _ text: String = "") {
        step = next
        progress(RenewalProgress(step: next, kind: .began, text: text))
    }

    func tell(_ kind: EnrollmentProgress.Kind, _ text: String) {
        progress(RenewalProgress(step: step, kind: kind, text: text))
    }

    func requireNotCancelled() throws(EnrollmentError) {
        guard Task.isCancelled else { return }
        throw EnrollmentError(.cancelled, "the renewal was given up", hint: "Run it again to go on.")
    }

    /// The journal, which is there from the beginning.
    func requireJournal() throws(EnrollmentError) -> RenewalJournal {
        guard let journal else { throw EnrollmentError(.defect, "there is no journal") }
        return journal
    }

    /// Removes the journal after a failure where it holds nothing that a later attempt needs.
    func tidy() {
        guard let journal, journal.record.isWorthless else { return }
        // The failure that is being reported matters more than one of tidying up.
        try? journal.remove()
    }

    /// Ends what is open.
    func close(loggingOut: Bool) async {
        for session in sessions { await session.close(loggingOut: loggingOut) }
        await taking?.close()
        await current?.close()
    }

    // MARK: Beginning

    /// Takes over the journal that an earlier attempt left, or makes one. Throws `unfinishedRenewal` if another key was to
    /// take over in that attempt.
    private mutating func openJournal() throws(EnrollmentError) {
        let requested = roll?.key.uri.redacted
        if let journal = try RenewalJournal.openExisting(files.identity) {
            self.journal = journal
            if try isOfAnother(journal.record) {
                let left = journal.record.isGenerated ? journal.record.key.map { "; its key \($0) stays" } : nil
                tell(.warning, "an earlier key roll of another identity in this file is forgotten\(left ?? "")")
                try journal.update { $0 = RenewalRecord(requestedKey: requested) }
                return
            }
            guard journal.record.requestedKey != requested else {
                isResumed = !journal.record.isWorthless
                return
            }
            let record = journal.record
            let isInPlace = try isInPlace(record)
            guard record.isWorthless || isInPlace else { throw unfinished(record) }
            if record.requestedKey != nil, let key = record.oldKey, !record.isWorthless {
                tell(.warning, "the key \(key), from which an earlier roll has led, stays in its store")
            }
            try journal.update { $0 = RenewalRecord(requestedKey: requested) }
        } else {
            journal = try RenewalJournal.create(RenewalRecord(requestedKey: requested), files.identity)
        }
    }

    /// Whether the identity file holds the certificate of that attempt already: then only what comes after was left undone.
    private func isInPlace(_ record: RenewalRecord) throws(EnrollmentError) -> Bool {
        guard let certificate = record.certificate else { return false }
        return try IdentityFile(path: files.identity.path).leaf().sha1Fingerprint == certificate
    }

    /// Whether a roll was begun with another identity, which stood in the file before this one was enrolled: with neither
    /// of the keys that the roll is about does this one log in.
    private func isOfAnother(_ record: RenewalRecord) throws(EnrollmentError) -> Bool {
        guard let old = record.oldFingerprint, try !isInPlace(record) else { return false }
        var serializer = DER.Serializer()
        let leaf = try IdentityFile(path: files.identity.path).leaf()
        guard (try? serializer.serialize(leaf.publicKey)) != nil,
            let key = try? PublicKey(der: serializer.serializedBytes)
        else { return false }
        let fingerprint = Hexadecimal.encode(key.sha256Fingerprint)
        return fingerprint != old && fingerprint != record.fingerprint
    }

    private func unfinished(_ record: RenewalRecord) -> EnrollmentError {
        guard let key = record.requestedKey else {
            return EnrollmentError(
                .unfinishedRenewal, "a renewal of '\(files.identity.path)' was interrupted, and must be finished first",
                hint: "Run 'identity renew' on the file.")
        }
        return EnrollmentError(
            .unfinishedRenewal,
            "a key roll of '\(files.identity.path)' to \(key) was interrupted, and must be finished first",
            hint: "Run 'identity roll' on the file with this key again.")
    }

    /// Whether the certificate's time has come, or nobody asked.
    private func isDue(_ identity: IdentityFile) throws(EnrollmentError) -> Bool {
        guard let seconds = options.ifDueWithinSeconds else { return true }
        return try identity.certificate().expires(withinSeconds: seconds)
    }

    /// What to answer where nothing is due.
    private mutating func notDue(
        _ identity: IdentityFile, _ session: ControllerSession?, key: EnrollmentKey
    ) throws -> RenewalResult {
        if let journal, journal.record.isWorthless {
            try journal.remove()
            self.journal = nil
        }
        return result(
            try identity.certificate(), key: key, isRenewed: false,
            controller: session?.controller ?? identity.controller, session?.identityID ?? "")
    }

    /// The result so far.
    func result(
        _ certificate: IdentityCertificate, key: EnrollmentKey, isRenewed: Bool, controller: ControllerAddress,
        _ identityID: String
    ) -> RenewalResult {
        RenewalResult(
            path: files.identity.path, isRenewed: isRenewed, isRequestedByController: isRequested,
            isKeyRollRequested: isKeyRollRequested, identityID: identityID, controller: controller,
            key: key.handle.info.uri, isKeyGenerated: key.isGenerated, oldKey: nil, isOldKeyDeleted: false,
            certificateExpiry: certificate.notAfter, isCertificateStored: false, isResumed: isResumed)
    }
}
