import FoundationEssentials
import KeyStoreCore
import SwiftASN1
import X509

/// Steps 8 to 10: what became of the token.
extension EnrollmentRun {
    /// Checks the certificate, stores it, and writes the identity file.
    mutating func finish(
        _ pem: String, key: EnrollmentKey, reference: String, trust: ControllerTrust, algorithms: [SignatureAlgorithm],
        isResumed: Bool
    ) async throws -> EnrollmentResult {
        let journal = try requireJournal()
        begin(.checkCertificate)
        guard let chain = CertificateList.parse(pem: pem), let leaf = chain.first else { throw damagedJournal() }
        do throws(EnrollmentError) {
            try await CertificateCheck(identityID: jwt.identityID, publicKey: key.publicKey, trust: trust)
                .check(leaf, intermediates: Array(chain.dropFirst()))
        } catch {
            // The certificate is worth nothing, and must not stand in the way of a new JWT.
            try journal.update { record in
                record.certificate = nil
                record.authorities = nil
            }
            throw error
        }
        // This may be the fault of this machine's clock alone, so the certificate is kept.
        guard leaf.notValidBefore <= Date() else {
            throw EnrollmentError(
                .certificateMismatch,
                "the certificate is not valid before \(leaf.notValidBefore.formatted(.iso8601))",
                hint: "Set this machine's clock, and run the same enrollment again. Nothing is lost.")
        }
        try milestone(.certificateChecked)
        tell(.detail, "for our key, valid until \(leaf.notValidAfter.formatted(.iso8601))")

        var encoded: [[UInt8]] = []
        for certificate in chain { encoded.append(try certificate.derBytes) }
        begin(.storeCertificate)
        let isStored = await store(encoded, beside: key)
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
                fallbackFor: record.fallbackReason.map { _ in source.uri.redacted },
                algorithms: record.algorithms?.map(SignatureAlgorithm.init(rawValue:))))
        if try !isWrittenAlready() { try output.write(try identity.json()) }
        try milestone(.identityWritten)
        try journal.remove()
        self.journal = nil
        try milestone(.journalRemoved)
        return EnrollmentResult(
            outputPath: output.path, identityID: jwt.identityID, controller: jwt.controller, key: key.handle.info.uri,
            keyType: key.publicKey.type, isKeyGenerated: key.isGenerated, fallbackReason: record.fallbackReason,
            certificateExpiry: leaf.notValidAfter, algorithms: algorithms, isCertificateStored: isStored,
            attestationPath: attestationPath, isResumed: isResumed)
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
