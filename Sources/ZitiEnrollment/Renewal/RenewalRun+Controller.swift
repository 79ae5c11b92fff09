import FoundationEssentials
import KeyStoreCore
import KeyStoreTLS
import X509

/// What is said to the controller, and what comes back.
extension RenewalRun {
    /// Logs in. The session stays open until the run ends.
    mutating func logIn(
        _ identity: IdentityFile, with key: EnrollmentKey
    ) async throws(EnrollmentError) -> ControllerSession {
        let session = try await ControllerSession.open(
            identity, key: key.handle, publicKey: key.publicKey, options: options)
        sessions.append(session)
        isKeyRollRequested = isKeyRollRequested || session.isKeyRollRequested
        tell(.detail, "\(session.controller) lets \(session.identityID) in")
        return session
    }

    /// The same, where nothing is lost if the controller is out of reach or cannot work now: then the answer is nil.
    mutating func logIn(
        _ identity: IdentityFile, with key: EnrollmentKey, isOptional: Bool
    ) async throws(EnrollmentError) -> ControllerSession? {
        do throws(EnrollmentError) {
            return try await logIn(identity, with: key)
        } catch {
            guard isOptional, error.mayPassElsewhere, !Task.isCancelled else { throw error }
            tell(.warning, "whether the controller asks for a renewal is not known: \(error.message)")
            return nil
        }
    }

    /// The identifier of the controller's record of the certificate with this fingerprint. Throws `notRenewable` where
    /// the controller says that it does not renew it, and `authenticatorUnknown`.
    func findAuthenticator(
        of fingerprint: String, _ session: ControllerSession
    ) async throws(EnrollmentError) -> String {
        if session.isExtendable == false { throw Self.notRenewable(nil) }
        var identifier = session.authenticatorID
        if identifier.isEmpty {
            let answer = try await session.send(
                .GET, "/current-identity/authenticators?limit=500", timeoutSeconds: options.timeoutSeconds)
            guard answer.status == 200 else { throw answer.refused() }
            let all = try answer.data([AuthenticatorContents].self, of: "authenticators")
            identifier = all.first { $0.fingerprint?.lowercased() == fingerprint }?.id ?? ""
        }
        // It becomes a part of paths.
        let isPlain = identifier.utf8.allSatisfy { PercentEncoding.isUnreserved($0) }
        guard !identifier.isEmpty, isPlain, identifier.utf8.count <= 128 else {
            throw Self.authenticatorUnknown(nil)
        }
        tell(.detail, "authenticator \(identifier)")
        return identifier
    }

    /// Asks for a certificate. The controller keeps it beside the current one, and accepts it once it is told that it
    /// is safe; asking again forgets it.
    func extend(
        _ request: CertificateRequest, _ authenticator: String, _ session: ControllerSession
    ) async throws(EnrollmentError) -> ExtendedCertificate {
        try requireNotCancelled()
        let answer: ControllerAnswer
        do {
            answer = try await session.send(
                .POST, "/current-identity/authenticators/\(authenticator)/extend",
                json: ["clientCertCsr": request.pem], timeoutSeconds: options.timeoutSeconds)
        } catch {
            throw error.hinting([Self.unchanged, error.hint].filter { !$0.isEmpty }.joined(separator: " "))
        }
        guard (200..<300).contains(answer.status) else { throw Self.refused(answer) }
        do {
            return try ExtendedCertificate(answer)
        } catch {
            throw error.hinting(Self.unchanged)
        }
    }

    /// The identity with the certificate that came, which has been checked. Throws `renewedCertificateInvalid`.
    mutating func nextIdentity(
        _ identity: IdentityFile, _ extended: ExtendedCertificate, key: EnrollmentKey, proof: SignatureProof?,
        session: ControllerSession
    ) async throws(EnrollmentError) -> IdentityFile {
        begin(.checkCertificate)
        let trust = try Self.trust(of: identity, with: extended)
        guard let leaf = extended.chain.first else { throw EnrollmentError(.defect, "an empty chain was read") }
        do throws(EnrollmentError) {
            try await CertificateCheck(identityID: session.identityID, publicKey: key.publicKey, trust: trust)
                .check(leaf, intermediates: Array(extended.chain.dropFirst()))
            guard leaf.notValidBefore <= Date() else {
                throw EnrollmentError(
                    .certificateMismatch,
                    "the certificate is not valid before \(leaf.notValidBefore.formatted(.iso8601)); check the clock")
            }
        } catch {
            let kept = files.keepRejected(extended.chain).map { " What came is kept in '\($0)'." } ?? ""
            throw EnrollmentError(
                .renewedCertificateInvalid, error.message, hint: Self.unchanged + kept, underlying: error)
        }
        tell(.detail, "for the key, valid until \(leaf.notValidAfter.formatted(.iso8601))")
        var next = identity
        next.certificates = []
        for certificate in extended.chain { next.certificates.append(try certificate.derBytes) }
        next.authorities = trust.authorities
        if roll != nil {
            next.key = try await reference(of: key)
            let algorithms = proof.flatMap { $0.dropped.isEmpty ? nil : $0.usable }
            next.extras = IdentityExtras(algorithms: algorithms)
        }
        return next
    }

    /// Throws `identityInvalid` for a file whose authorities cannot judge what comes, before the controller is asked for it.
    func requireUsableAuthorities(_ identity: IdentityFile) throws(EnrollmentError) {
        do {
            _ = try ControllerTrust(authorities: identity.authorities)
        } catch {
            throw EnrollmentError(
                .identityInvalid, "the authorities in the identity file cannot be used: \(error.message)",
                hint: "Correct 'id.ca'. Nothing was asked for.", underlying: error)
        }
    }

    /// The authorities of the file and those that came. Where these are more than a file can hold, those of the file that have
    /// expired are left out, and else those that came.
    static func trust(
        of identity: IdentityFile, with extended: ExtendedCertificate
    ) throws(EnrollmentError) -> ControllerTrust {
        func union(_ authorities: [[UInt8]]) -> ControllerTrust? {
            try? ControllerTrust(authorities: authorities, additional: extended.authorities)
        }
        if let all = union(identity.authorities) { return all }
        let now = Date()
        let current = identity.authorities.filter { der in
            (try? Certificate(derEncoded: der)).map { now <= $0.notValidAfter } ?? false
        }
        if let some = union(current) { return some }
        return try ControllerTrust(authorities: identity.authorities)
    }

    /// Tells the controller that the certificate is on the disk. Where the answer gets lost, logging in with the new
    /// certificate shows whether the controller heard. Throws `renewalUnfinished`, `otherCertificatePending`.
    mutating func verify(
        _ next: IdentityFile, _ authenticator: String, _ session: ControllerSession, key: EnrollmentKey
    ) async throws {
        let answer: ControllerAnswer
        do {
            answer = try await session.send(
                .POST, "/current-identity/authenticators/\(authenticator)/extend-verify",
                json: ["clientCert": CertificateList.pem(next.certificates)], timeoutSeconds: options.timeoutSeconds)
        } catch {
            tell(.warning, "no answer came (\(error.message)); logging in shows whether the controller heard")
            if (try? await isAccepted(next, key)) == true { return }
            throw EnrollmentError(
                .renewalUnfinished, "whether the controller accepts the new certificate is not known: \(error.message)",
                hint: "Run the same command again: it goes on with '\(files.nextPath)'.", underlying: error)
        }
        try milestone(.verifyAnswered)
        guard !(200..<300).contains(answer.status) else { return }
        let error = answer.refused()
        switch (answer.status, error.refusal?.code) {
        case (409, "CAN_NOT_UPDATE_AUTHENTICATOR"):
            // So it answers too where it has accepted the certificate before, and that answer got lost.
            if try await isAccepted(next, key) { return }
            throw EnrollmentError(
                .otherCertificatePending, "the controller waits for no certificate of this identity",
                hint: Self.again, refusal: error.refusal)
        case (400, "INVALID_CLIENT_CERT"):
            throw EnrollmentError(
                .otherCertificatePending,
                "the controller waits for another certificate: somebody else renews this identity too",
                hint: Self.again, refusal: error.refusal)
        default: throw Self.refused(answer)
        }
    }

    /// Whether the controller lets the identity in with the new certificate. Throws what says neither yes nor no.
    mutating func isAccepted(_ next: IdentityFile, _ key: EnrollmentKey) async throws(EnrollmentError) -> Bool {
        do throws(EnrollmentError) {
            _ = try await logIn(next, with: key)
            isProven = true
            return true
        } catch {
            guard error.isCertificateRefused else { throw error }
            return false
        }
    }

    // MARK: Refusals

    private static let unchanged = "The identity file is unchanged, and its certificate goes on working."
    private static let again = "The identity file's certificate goes on working. Run the same command again."

    /// What to throw for a refusal of what belongs to a certificate's renewal.
    private static func refused(_ answer: ControllerAnswer) -> EnrollmentError {
        let error = answer.refused()
        switch (answer.status, error.refusal?.code) {
        case (409, "CAN_NOT_UPDATE_AUTHENTICATOR"): return notRenewable(error.refusal)
        case (404, "NOT_FOUND"): return authenticatorUnknown(error.refusal)
        case (401, "UNAUTHORIZED"):
            return EnrollmentError(
                .renewalUnauthorized, "the controller does not see the identity's certificate in this connection",
                hint: "A proxy that ends TLS may stand between, or the certificate was replaced meanwhile. Try again.",
                refusal: error.refusal)
        case (400, "COULD_NOT_PROCESS_CSR"):
            return EnrollmentError(
                .requestRefused, "the controller takes no certificate request of this key's type",
                hint: unchanged + " Roll to another key.", refusal: error.refusal)
        default: return error.hinting([unchanged, error.hint].filter { !$0.isEmpty }.joined(separator: " "))
        }
    }

    private static func notRenewable(_ refusal: ControllerRefusal?) -> EnrollmentError {
        EnrollmentError(
            .notRenewable,
            "the controller does not renew this certificate, which an authority of somebody else's issued",
            hint: "Third-party certificates are renewed by the authority that issued them; enroll with the new one.",
            refusal: refusal)
    }

    private static func authenticatorUnknown(_ refusal: ControllerRefusal?) -> EnrollmentError {
        EnrollmentError(
            .authenticatorUnknown, "the controller has no record of this certificate that could be renewed",
            hint: "An administrator may have replaced it meanwhile. If it does not log in any more, enroll anew.",
            refusal: refusal)
    }

    private struct AuthenticatorContents: Decodable {
        let id: String
        let fingerprint: String?
    }
}

extension EnrollmentError {
    /// Whether no answer came from the controller.
    var isOutOfReach: Bool { code == .controllerUnreachable || code == .timedOut }

    /// Whether a controller refused the certificate itself.
    var isCertificateRefused: Bool { code == .refusedByController && refusal?.status == 401 }
}
