import KeyStoreCore
import KeyStoreTLS
import NIOCore
import X509

/// One run of an enrollment, from the first step to the last or to where it fails.
struct EnrollmentRun {
    let jwt: EnrollmentJWT
    let options: EnrollmentOptions
    let source: KeySource
    let output: OutputFile
    let progress: EnrollmentProgress.Handler
    let milestone: EnrollmentMilestone.Listener

    /// The step that is being taken.
    var step = EnrollmentStep.verifyJWT
    /// The journal, from the third step on, or from the first where an earlier attempt left one.
    var journal: EnrollmentJournal?
    /// The store and session in use, to be closed by whoever started the run.
    var opened: OpenedStore?

    /// Takes all steps. Throws `EnrollmentError`, and `EnrollmentMilestone.Interruption` in tests.
    mutating func perform() async throws -> EnrollmentResult {
        try jwt.method.requireSupported()
        journal = try EnrollmentJournal.openExisting(output)
        try requireNoOtherCertificate()
        let isResumed = journal?.record.token == jwt.tokenHash

        let trust: ControllerTrust
        if isResumed, let authorities = journal?.record.authorities, journal?.record.certificate != nil {
            trust = try knownTrust(authorities)
            tell(.detail, "an earlier attempt received the certificate; the controller is not asked again")
            if try isWrittenAlready() { tell(.detail, "the identity file is written already") }
        } else {
            trust = try await meetController(isResumed: isResumed)
            try reserveOutput()
        }

        begin(.openKey)
        let key = try await openKey()
        let reference: String
        let algorithms: [SignatureAlgorithm]
        if let certificate = journal?.record.certificate {
            try await attest(to: key)
            begin(.makeRequest)
            reference = try await keyReference(key)
            algorithms =
                journal?.record.algorithms?.map(SignatureAlgorithm.init(rawValue:)) ?? key.handle.info.algorithms
            return try await finish(
                certificate, key: key, reference: reference, trust: trust, algorithms: algorithms, isResumed: true)
        }

        begin(.proveSignatures)
        let proof = try await prove(key)
        try milestone(.signaturesProven)
        try await attest(to: key)

        begin(.makeRequest)
        reference = try await keyReference(key)
        let request = try await makeRequest(key, proof.usable)
        try milestone(.requestMade)

        begin(.enroll)
        let certificate = try await redeemToken(request, trust: trust, proof: proof)
        return try await finish(
            certificate, key: key, reference: reference, trust: trust, algorithms: proof.usable, isResumed: isResumed)
    }

    /// Removes the journal after a failure where it holds nothing that a later attempt needs.
    func tidy() {
        guard let journal, journal.record.isWorthless else { return }
        // The failure that is being reported matters more than one of tidying up.
        try? journal.remove()
    }

    // MARK: Reporting

    mutating func begin(_ next: EnrollmentStep, _ text: String = "") {
        step = next
        progress(EnrollmentProgress(step: next, kind: .began, text: text))
    }

    func tell(_ kind: EnrollmentProgress.Kind, _ text: String) {
        progress(EnrollmentProgress(step: step, kind: kind, text: text))
    }

    func requireNotCancelled() throws(EnrollmentError) {
        guard Task.isCancelled else { return }
        throw EnrollmentError(.cancelled, "the enrollment was given up", hint: "Run it again to go on.")
    }

    /// The journal, which is there from the third step on.
    func requireJournal() throws(EnrollmentError) -> EnrollmentJournal {
        guard let journal else { throw EnrollmentError(.defect, "there is no journal") }
        return journal
    }

    /// When an exchange with the controller that begins now has to be over.
    var deadline: NIODeadline { .within(seconds: options.timeoutSeconds) }
}
