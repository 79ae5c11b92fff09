import FoundationEssentials
import Glibc
import KeyStoreCore
import SwiftASN1
import X509

/// Steps 8 to 10: what became of the token.
extension EnrollmentRun {
    /// Checks the certificate, stores it, and writes the identity file.
    mutating func finish(
        _ pem: String, _ plan: EnrollmentPlan, key: EnrollmentKey, reference: String, trust: ControllerTrust,
        algorithms: [SignatureAlgorithm],
        isResumed: Bool
    ) async throws -> EnrollmentResult {
        let journal = try requireJournal()
        begin(.checkCertificate)
        guard let chain = CertificateList.parse(pem: pem), let leaf = chain.first else { throw damagedJournal() }
        if plan == .bring {
            try CertificateCheck.requireKey(key.publicKey, of: leaf)
        } else {
            try await checkIssued(leaf, chain, plan, key, trust)
        }
        tell(.detail, "for our key, valid until \(leaf.notValidAfter.formatted(.iso8601))")
        try milestone(.certificateChecked)

        var encoded: [[UInt8]] = []
        for certificate in chain { encoded.append(try certificate.derBytes) }
        begin(.storeCertificate)
        // A certificate that was brought stays where it came from.
        let isStored = plan == .bring ? options.certificate == nil : await store(encoded, beside: key)
        try milestone(.certificateStored)

        begin(.writeIdentity, output.path)
        let attestationPath = try writeAttestation()
        try milestone(.attestationWritten)
        let record = journal.record
        let identity = IdentityFile(
            controller: jwt.controller, controllerAPIs: record.controllers ?? [], key: reference, certificates: encoded,
            authorities: trust.authorities,
            extras: IdentityExtras(
                fallbackReason: record.fallbackReason,
                fallbackFor: record.fallbackReason.flatMap { _ in source?.uri.redacted },
                algorithms: record.algorithms?.map(SignatureAlgorithm.init(rawValue:))))
        if try !isWrittenAlready() { try output.write(try identity.json()) }
        try milestone(.identityWritten)
        try journal.remove()
        self.journal = nil
        try milestone(.journalRemoved)
        return EnrollmentResult(
            outputPath: output.path, identityID: identityID(plan, leaf), controller: jwt.controller,
            method: plan.method(jwt), key: key.handle.info.uri, keyType: key.publicKey.type,
            isKeyGenerated: key.isGenerated, fallbackReason: record.fallbackReason,
            certificateExpiry: leaf.notValidAfter, algorithms: algorithms, isCertificateStored: isStored,
            attestationPath: attestationPath, isResumed: isResumed)
    }

    /// The identity's identifier, where it is known.
    private func identityID(_ plan: EnrollmentPlan, _ leaf: Certificate) -> String {
        switch plan {
        case .issueToBearer: PlainText.clean(CertificateCheck.identity(in: leaf) ?? "")
        // The JWT names the authority, and the controller does not say whom it made.
        case .bring where jwt.method == .ca: ""
        default: jwt.identityID
        }
    }

    /// Checks a certificate that the controller issued. One that is refused is kept in a file of its own.
    private mutating func checkIssued(
        _ leaf: Certificate, _ chain: [Certificate], _ plan: EnrollmentPlan, _ key: EnrollmentKey,
        _ trust: ControllerTrust
    ) async throws {
        do throws(EnrollmentError) {
            try await CertificateCheck(
                identityID: plan == .issue ? jwt.identityID : nil, publicKey: key.publicKey, trust: trust
            ).check(leaf, intermediates: Array(chain.dropFirst()), at: now())
        } catch {
            var error = ClockSkew.explain(error, controllerIsAhead: controllerIsAhead)
            if let path = keepRejected(Array(CertificateList.pem(chain.compactMap { try? $0.derBytes }).utf8)) {
                error.hint += " What came is kept in '\(path)'."
            }
            // The certificate is worth nothing, and must not stand in the way of a new JWT.
            try requireJournal().update { record in
                record.certificate = nil
                record.authorities = nil
            }
            throw error
        }
        // This may be the fault of this machine's clock alone, so the certificate is kept.
        guard leaf.notValidBefore <= now() else {
            throw ClockSkew.explain(
                EnrollmentError(
                    .certificateMismatch,
                    "the certificate is not valid before \(leaf.notValidBefore.formatted(.iso8601))",
                    hint: "Set this machine's clock, and run the same enrollment again. Nothing is lost."),
                controllerIsAhead: controllerIsAhead)
        }
    }

    /// Writes what came in place of a certificate that can be used to `OUT.rejected.pem`, for a person to look at. Nil where
    /// that fails: the refusal matters more.
    func keepRejected(_ bytes: [UInt8]) -> String? {
        guard let file = try? OutputFile(path: output.path + ".rejected.pem") else { return nil }
        // One of an earlier attempt has served its purpose.
        unlink(file.path)
        return (try? file.write(bytes)).map { file.path }
    }

    /// Stores the certificates beside the key. A failure is told, and ends nothing: the identity file holds them.
    private func store(_ certificates: [[UInt8]], beside key: EnrollmentKey) async -> Bool {
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
