import FoundationEssentials
import KeyStoreCore
import X509

/// Steps 1 to 3: whom to trust, and where the identity goes.
extension EnrollmentRun {
    /// Verifies the JWT with the certificate that the controller presents, and fetches its authorities.
    mutating func meetController(_ plan: EnrollmentPlan, isResumed: Bool) async throws -> ControllerTrust {
        begin(.verifyJWT, jwt.method == .network ? "\(jwt.controller)" : "\(jwt.identityID) at \(jwt.controller)")
        // Where the token may be spent already, the controller alone knows what an expiry means.
        if !(isResumed && journal?.record.isPosted == true) { try await requireCurrent() }
        var attempt = 0
        while true {
            do {
                return try await meetOnce(plan)
            } catch let error as EnrollmentError {
                guard error.refusal?.isTransient == true, try await patience.pause(after: attempt) else { throw error }
                attempt += 1
                tell(.detail, "the controller is busy (\(error.message)); it is asked again")
            }
        }
    }

    private mutating func meetOnce(_ plan: EnrollmentPlan) async throws -> ControllerTrust {
        let contact = try await openContact()
        tell(.detail, "signed by the controller that answers, over TLS \(contact.tlsVersion)")
        if !contact.kidMatches {
            tell(.warning, "the controller's certificate was issued anew since the JWT was made; its key is the same")
        }
        do {
            try milestone(.jwtVerified)
            try requireNotCancelled()
        } catch {
            contact.close()
            throw error
        }

        begin(.fetchAuthorities, "\(jwt.controller)")
        let (authorities, date) = try await contact.fetchAuthorities()
        note(date)
        let trust = try ControllerTrust(authorities: authorities, additional: try additionalAuthorities())
        try await trust.verifyServer(leaf: contact.leaf, presented: contact.presented, address: jwt.controller)
        tell(.detail, "\(trust.authorities.count) authorities; the controller's certificate leads to them")
        if plan.isForBearer { try await requireBearerEnrollment(trust: trust) }
        try milestone(.authoritiesVerified)
        try requireNotCancelled()
        return trust
    }

    /// Makes the journal, or takes over the one that an earlier attempt left.
    mutating func reserveOutput() throws {
        begin(.reserveOutput, output.path)
        if output.exists { throw outputIsThere() }
        try reserveAttestation()
        if let journal {
            if journal.record.token != enrollmentHash {
                tell(.detail, "an earlier attempt with another JWT is gone on with")
                try journal.update { record in
                    let earlier = record
                    record = JournalRecord(token: enrollmentHash)
                    // Whether the token is absent is asked anew; a fallback key that was made is found by its reference.
                    guard earlier.source == .key else { return }
                    record.source = earlier.source
                    record.requestedKey = earlier.requestedKey
                    record.isGenerating = earlier.isGenerating
                    record.isGenerated = earlier.isGenerated
                    record.key = earlier.key
                    record.fingerprint = earlier.fingerprint
                }
            } else {
                tell(.detail, "an earlier attempt is gone on with")
            }
        } else {
            journal = try EnrollmentJournal.create(JournalRecord(token: enrollmentHash), output)
            // Another enrollment may have ended between the look and the lock.
            if output.exists { throw output.alreadyThere() }
        }
        try milestone(.outputReserved)
        try requireNotCancelled()
    }

    /// The trust that was kept together with a certificate.
    func knownTrust(_ authorities: String) throws(EnrollmentError) -> ControllerTrust {
        guard let certificates = CertificateList.parse(pem: authorities) else { throw damagedJournal() }
        return try ControllerTrust(authorities: [], additional: certificates)
    }

    /// Throws `unfinishedEnrollment` if the journal holds what the controller gave to another enrollment.
    func requireNoOtherResult() throws(EnrollmentError) {
        guard let record = journal?.record, record.hasResult, record.token != enrollmentHash else { return }
        throw EnrollmentError(
            .unfinishedEnrollment,
            "'\(output.journalPath)' holds what the controller gave to another enrollment, which was interrupted",
            hint: "Run that one again to finish it, with its JWT and its --key if it had one, or give another --out.")
    }

    /// Whether the identity file is there and holds the certificate of the journal. Throws `outputExists` if another file is.
    func isWrittenAlready() throws(EnrollmentError) -> Bool {
        guard output.exists else { return false }
        guard let bytes = output.contents(maximumLength: IdentityFile.maximumLength),
            let identity = try? IdentityFile(json: bytes), let text = journal?.record.certificate,
            let certificates = CertificateList.parse(pem: text),
            let leaf = try certificates.first?.derBytes, identity.certificates.first == leaf
        else { throw outputIsThere() }
        return true
    }

    /// What to throw for a file that stands where the identity file goes. Once something was sent, another place for the
    /// identity file would leave behind what the journal holds.
    func outputIsThere() -> EnrollmentError {
        let error = output.alreadyThere()
        guard let record = journal?.record, record.isPosted || record.hasResult else { return error }
        return error.hinting(
            "Move the file away, and run the same enrollment again: it goes on with what '\(output.journalPath)' holds."
        )
    }

    /// What to throw for a journal whose contents do not fit together.
    func damagedJournal() -> EnrollmentError {
        EnrollmentError(
            .journalInvalid, "the journal '\(output.journalPath)' is damaged",
            hint: "Move it away, and ask for a new JWT.")
    }

    private func additionalAuthorities() throws(EnrollmentError) -> [Certificate] {
        guard let text = options.additionalAuthorities else { return [] }
        guard let certificates = CertificateList.parse(pem: text) else {
            throw EnrollmentError(
                .inputInvalid, "the additional authorities are no certificates that can be read",
                hint:
                    "Check the file of --ca: no more than \(CertificateList.maximumCount) certificates."
            )
        }
        return certificates
    }
}
