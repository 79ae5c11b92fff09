import FoundationEssentials
import KeyStoreCore
import KeyStoreTLS
import NIOCore
import X509

/// One run of an enrollment, from the first step to the last or to where it fails.
struct EnrollmentRun {
    let jwt: EnrollmentJWT
    let options: EnrollmentOptions
    /// The key; nil for an enrollment without one.
    let source: KeySource?
    let output: OutputFile
    let progress: EnrollmentProgress.Handler
    let milestone: EnrollmentMilestone.Listener
    let patience: Patience
    var now: @Sendable () -> Date = { Date() }

    /// The step that is being taken.
    var step = EnrollmentStep.verifyJWT
    /// The journal, from the third step on, or from the first where an earlier attempt left one.
    var journal: EnrollmentJournal?
    /// The store and session in use, to be closed by whoever started the run.
    var opened: OpenedStore?
    /// How much the controller's clock was ahead of this machine's when it last answered, in seconds.
    var controllerIsAhead: Double?

    /// Takes all steps. Throws `EnrollmentError`, and `EnrollmentMilestone.Interruption` in tests.
    mutating func perform() async throws -> EnrollmentResult {
        let plan = try EnrollmentPlan(jwt, options, hasKey: source != nil)
        journal = try EnrollmentJournal.openExisting(output)
        try requireNoOtherResult()
        let isResumed = journal?.record.token == enrollmentHash

        let trust: ControllerTrust
        if isResumed, let record = journal?.record, record.hasResult, let authorities = record.authorities {
            trust = try knownTrust(authorities)
            tell(.detail, "an earlier attempt was enrolled by the controller, which is not asked again")
            if record.certificate != nil, try isWrittenAlready() {
                tell(.detail, "the identity file is written already")
            }
        } else {
            trust = try await meetController(plan, isResumed: isResumed)
            try reserveOutput()
            // The authorities are kept together with the certificate, as PEM in JSON.
            try requireJournal().reserve(trust.authorities.reduce(0) { $0 + $1.count * 3 / 2 + 128 })
        }
        guard plan.needsKey else { return try await performWithoutKey(plan, trust: trust, isResumed: isResumed) }
        return try await performWithKey(plan, trust: trust, isResumed: isResumed)
    }

    private mutating func performWithKey(
        _ plan: EnrollmentPlan, trust: ControllerTrust, isResumed: Bool
    ) async throws -> EnrollmentResult {
        begin(.openKey)
        let key = try await openKey()
        let reference: String
        if let certificate = journal?.record.certificate {
            try await attest(to: key)
            begin(.makeRequest)
            reference = try await keyReference(key)
            let algorithms =
                journal?.record.algorithms?.map(SignatureAlgorithm.init(rawValue:)) ?? key.handle.info.algorithms
            return try await finish(
                certificate, plan, key: key, reference: reference, trust: trust, algorithms: algorithms,
                isResumed: true)
        }

        begin(.proveSignatures)
        let proof = try await prove(key)
        try milestone(.signaturesProven)
        try await attest(to: key)

        begin(.makeRequest)
        reference = try await keyReference(key)
        let certificate: String
        if plan == .bring {
            let chain = try await broughtChain(key).map { certificate throws(EnrollmentError) in
                try certificate.derBytes
            }
            try milestone(.requestMade)
            begin(.enroll)
            let redemption = try bringing(chain, key: key, proof: proof, trust: trust)
            certificate = try await enroll(chain, redemption, trust: trust, proof: proof)
        } else {
            let name = plan == .issueToBearer ? EnrollmentPlan.bearerCommonName : jwt.identityID
            let request = try await makeRequest(key, proof.usable, commonName: name)
            try milestone(.requestMade)
            begin(.enroll)
            let redemption =
                plan == .issueToBearer
                ? try issuanceToBearer(request, trust: trust) : try issuance(request, trust: trust)
            certificate = try await redeem(redemption, trust: trust, proof: proof)
        }
        return try await finish(
            certificate, plan, key: key, reference: reference, trust: trust, algorithms: proof.usable,
            isResumed: isResumed)
    }

    /// Removes the journal after a failure where it holds nothing that a later attempt needs.
    func tidy() {
        // What is trusted of a network can be asked for again at any time.
        let isNetwork = jwt.method == .network && options.externalJWT == nil
        guard let journal, journal.record.isWorthless || isNetwork else { return }
        // The failure that is being reported matters more than one of tidying up.
        try? journal.remove()
    }

    /// Names the enrollment in its journal: a one-time token, a holder of external JWTs at a controller with a key or without
    /// one, or a network.
    var enrollmentHash: String {
        if let external = options.externalJWT {
            let method = source == nil ? "token without key" : "token"
            return Hexadecimal.hash("\(method) \(jwt.controller) \(external.subjectHash)")
        }
        return jwt.method == .network ? Hexadecimal.hash("network \(jwt.controller)") : jwt.tokenHash
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
