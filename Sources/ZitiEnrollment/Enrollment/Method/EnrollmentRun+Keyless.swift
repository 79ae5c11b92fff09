import KeyStoreCore

/// Enrollments without a key, whose identity file says which network this is and whom to trust.
extension EnrollmentRun {
    /// Takes the steps after the third.
    mutating func performWithoutKey(
        _ plan: EnrollmentPlan, trust: ControllerTrust, isResumed: Bool
    ) async throws -> EnrollmentResult {
        let journal = try requireJournal()
        if !journal.record.isEnrolledWithoutKey {
            switch plan {
            case .setPassword: try await setPassword(trust: trust)
            case .enrollBearer: try await enrollBearer(trust: trust)
            default:
                // Only so that what is written next is known for our own after a kill.
                try putDown(trust: trust, username: nil, controllers: nil)
                try milestone(.certificateRecorded)
            }
        }
        begin(.writeIdentity, output.path)
        let record = journal.record
        let identityID = plan == .setPassword ? jwt.identityID : ""
        let identity = KeylessIdentity(
            controller: jwt.controller, controllerAPIs: record.controllers ?? [], authorities: trust.authorities,
            method: plan.method(jwt), identityID: identityID, username: record.username)
        let bytes = try identity.json()
        if output.exists {
            guard output.contents(maximumLength: bytes.count + 1) == bytes else { throw outputIsThere() }
        } else {
            try output.write(bytes)
        }
        try milestone(.identityWritten)
        try journal.remove()
        self.journal = nil
        try milestone(.journalRemoved)
        return EnrollmentResult(
            outputPath: output.path, identityID: identityID, controller: jwt.controller, method: plan.method(jwt),
            username: record.username, isKeyGenerated: false, algorithms: [], isCertificateStored: false,
            isResumed: isResumed)
    }

    /// Puts down that the controller has enrolled, and everything that the identity file needs.
    func putDown(trust: ControllerTrust, username: String?, controllers: [String]?) throws(EnrollmentError) {
        try requireJournal().update { record in
            record.step = EnrollmentStep.writeIdentity.rawValue
            record.isEnrolled = true
            record.username = username
            record.authorities = CertificateList.pem(trust.authorities)
            record.controllers = controllers
        }
    }
}
