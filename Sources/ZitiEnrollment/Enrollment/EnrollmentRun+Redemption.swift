import KeyStoreCore
import KeyStoreTLS
import NIOHTTP1
import NIOSSL

/// Step 7: the one-time token for a certificate.
extension EnrollmentRun {
    /// Sends the request, once. That it is sent is in the journal before, and the certificate right after.
    mutating func redeemToken(
        _ request: CertificateRequest, trust: ControllerTrust, proof: SignatureProof
    ) async throws -> String {
        let journal = try requireJournal()
        let wasPosted = journal.record.isPosted
        if wasPosted { tell(.detail, "an earlier attempt sent the token and got no answer; it is sent once more") }
        try requireNotCancelled()
        let tls: TLSConfiguration
        do {
            tls = try .makeKeyStoreClient(trustRoots: trust.roots)
        } catch {
            throw EnrollmentError(.caBundleInvalid, "the controller's authorities cannot be used", underlying: error)
        }
        try journal.update { record in
            record.step = EnrollmentStep.enroll.rawValue
            record.isPosted = true
            record.algorithms = proof.dropped.isEmpty ? nil : proof.usable.map(\.rawValue)
        }
        try milestone(.postRecorded)

        let answer = try await post(request, tls: tls, wasPosted: wasPosted)
        try milestone(.answerReceived)
        // Controllers answer 200. Another status of success may carry the certificate too, and there is no second one.
        guard (200..<300).contains(answer.status) else { throw try refused(answer, wasPosted: wasPosted) }
        let issued: IssuedCertificate
        do {
            issued = try IssuedCertificate(answer)
        } catch {
            throw lost(error)
        }
        try journal.update { record in
            record.step = EnrollmentStep.checkCertificate.rawValue
            record.certificate = issued.pem
            record.authorities = CertificateList.pem(trust.authorities)
            record.controllers = issued.controllers
        }
        try milestone(.certificateRecorded)
        return issued.pem
    }

    private func post(
        _ request: CertificateRequest, tls: TLSConfiguration, wasPosted: Bool
    ) async throws(EnrollmentError) -> ControllerAnswer {
        let connection = ControllerConnection(jwt.controller, tls: tls, deadline: deadline)
        let sent = SentMark()
        do throws(EnrollmentError) {
            let answer = try await connection.send(
                .POST, "/enroll?method=\(jwt.method)&token=\(PercentEncoding.encode(Array(jwt.token.utf8)))",
                headers: [("Content-Type", "application/x-pem-file")], body: Array(request.pem.utf8), sent: sent)
            await connection.close()
            return answer
        } catch {
            await connection.close()
            guard sent.isSet else {
                try requireJournal().update { $0.isPosted = wasPosted }
                throw error
            }
            throw lost(error)
        }
    }

    /// What to throw after the token was sent and no certificate came back.
    private func lost(_ cause: EnrollmentError) -> EnrollmentError {
        EnrollmentError(
            .answerLost, "the one-time token was sent, and no certificate came back: \(cause.message)",
            hint: "Run the same enrollment again: it tries once more with the same key, which is kept.",
            underlying: cause)
    }

    /// What to throw for a refusal, with what it means for the token put down in the journal.
    private func refused(_ answer: ControllerAnswer, wasPosted: Bool) throws(EnrollmentError) -> EnrollmentError {
        let error = answer.refused()
        let isTokenUnknown = error.refusal?.code == "INVALID_ENROLLMENT_TOKEN"
        if isTokenUnknown, wasPosted {
            return EnrollmentError(
                .tokenSpent, "the one-time token was probably spent by an earlier attempt whose answer got lost",
                hint: "The key is kept. Ask for a new JWT, and enroll with the same --key.", refusal: error.refusal)
        }
        // The token is gone only when a certificate was made (the controller forgets it then, and not before). A refusal
        // in the controller's own words therefore means that this attempt spent nothing; other answers mean nothing.
        if (400..<500).contains(answer.status), error.refusal?.code.isEmpty == false {
            try requireJournal().update { $0.isPosted = false }
            return error
        }
        return error.hinting(
            error.hint.isEmpty ? "Run the same enrollment again: it tries once more with the same key." : error.hint)
    }
}

extension EnrollmentError {
    /// The same error with another hint.
    func hinting(_ hint: String) -> EnrollmentError {
        var error = self
        error.hint = hint
        return error
    }
}
