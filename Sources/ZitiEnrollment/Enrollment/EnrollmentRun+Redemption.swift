import KeyStoreCore
import KeyStoreTLS
import NIOHTTP1
import NIOSSL

/// Step 7: what enrolls is sent, once.
extension EnrollmentRun {
    /// Sends the redemption. That it is sent is in the journal before.
    mutating func send(_ redemption: Redemption, proof: SignatureProof?) async throws -> Redemption.Outcome {
        let journal = try requireJournal()
        let wasPosted = journal.record.isPosted
        if wasPosted { tell(.detail, "an earlier attempt sent this and got no answer; it is sent once more") }
        try requireNotCancelled()
        // A person may have taken long to enter a PIN, and a key may have been made where the identity file is to stand.
        if output.exists { throw outputIsThere() }
        try journal.update { record in
            record.step = EnrollmentStep.enroll.rawValue
            record.isPosted = true
            if let proof { record.algorithms = proof.dropped.isEmpty ? nil : proof.usable.map(\.rawValue) }
        }
        try milestone(.postRecorded)

        var attempt = 0
        while true {
            let answer = try await post(redemption, wasPosted: wasPosted)
            try milestone(.answerReceived)
            // Controllers answer 200. Another status of success may carry the certificate too, and there is no second one.
            if (200..<300).contains(answer.status) { return .accepted(answer) }
            let error = refused(answer, redemption)
            if error.refusal?.isBeforeProcessing == true, try await patience.pause(after: attempt) {
                attempt += 1
                tell(.detail, "the controller is busy (\(answer.status)); it is asked again")
                try requireNotCancelled()
                continue
            }
            return try await settle(error, redemption, wasPosted: wasPosted)
        }
    }

    private mutating func post(
        _ redemption: Redemption, wasPosted: Bool
    ) async throws(EnrollmentError) -> ControllerAnswer {
        let connection: ControllerConnection
        do {
            connection = try connect(tls: redemption.tls)
        } catch {
            try requireJournal().update { $0.isPosted = wasPosted }
            throw error
        }
        let sent = SentMark()
        do throws(EnrollmentError) {
            // No other request follows. A connection that could be used again keeps its client in memory for a minute, also when
            // both are closed, and a program that enrolls many would keep them all.
            let answer = try await connection.send(
                .POST, redemption.path, headers: redemption.headers + [("Connection", "close")], body: redemption.body,
                sent: sent)
            await connection.close()
            note(answer.date)
            return answer
        } catch {
            await connection.close()
            guard sent.isSet else {
                try requireJournal().update { $0.isPosted = wasPosted }
                throw redemption.keyFailure() ?? error
            }
            throw lost(error)
        }
    }

    /// What to throw after the redemption was sent and nothing usable came back.
    func lost(_ cause: EnrollmentError) -> EnrollmentError {
        EnrollmentError(
            .answerLost, "the one-time token was sent, and no certificate came back: \(cause.message)",
            hint: "Run the same enrollment again: it tries once more with the same key, which is kept.",
            underlying: cause)
    }

    private func refused(_ answer: ControllerAnswer, _ redemption: Redemption) -> EnrollmentError {
        // The external JWT is shown whenever there is one, and the one-time token by every method that has one.
        let secrets = [redemption.secret, options.externalJWT?.text, jwt.token].compactMap { $0 }
        var error = answer.refused(hiding: secrets)
        if jwt.method == .network, error.refusal?.code == "INVALID_ENROLLMENT_TOKEN" {
            error.hint =
                "No signer that the network knows vouches for the external JWT, or its time is over. Get a new one."
        }
        return error
    }

    /// What a refusal means, which the journal is told.
    private mutating func settle(
        _ error: EnrollmentError, _ redemption: Redemption, wasPosted: Bool
    ) async throws -> Redemption.Outcome {
        let code = error.refusal?.code ?? ""
        if wasPosted, redemption.spentCodes.contains(code) {
            if let confirm = redemption.confirm, try await confirm() {
                tell(.detail, "the earlier attempt, whose answer got lost, was accepted")
                return .enrolledBefore
            }
            throw EnrollmentError(
                .tokenSpent, "the one-time token was probably spent by an earlier attempt whose answer got lost",
                hint: redemption.lostHint, refusal: error.refusal)
        }
        if error.refusal?.isBeforeProcessing == true {
            try requireJournal().update { $0.isPosted = wasPosted }
            throw error
        }
        // The token is gone only when an identity was enrolled (the controller forgets it then, and not before). A refusal
        // in the controller's own words therefore means that this attempt spent nothing; other answers mean nothing. What
        // became of an earlier attempt is known only from a refusal that comes after the look for the token.
        let status = error.refusal?.status ?? 0
        if (400..<500).contains(status) || status >= 600, !code.isEmpty {
            guard !wasPosted || Redemption.unspentCodes.contains(code) else {
                throw error.hinting(
                    error.hint + (error.hint.isEmpty ? "" : " ")
                        + "An earlier attempt, whose answer got lost, may have enrolled: run the same enrollment again then."
                )
            }
            try requireJournal().update { $0.isPosted = false }
            throw error
        }
        throw error.hinting(
            [error.hint, "Run the same enrollment again: it tries once more with the same key."].filter { !$0.isEmpty }
                .joined(separator: " "))
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
