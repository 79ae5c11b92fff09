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
            try await check(leaf, chain: chain, key: key, trust: trust)
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
            isResumed: isResumed)
    }

    private func check(
        _ leaf: Certificate, chain: [Certificate], key: EnrollmentKey, trust: ControllerTrust
    ) async throws(EnrollmentError) {
        guard let ours = try? Certificate.PublicKey(derEncoded: key.publicKey.der), leaf.publicKey == ours else {
            throw mismatch("the certificate that the controller issued is for another key")
        }
        guard Date() <= leaf.notValidAfter else {
            throw mismatch(
                "the certificate that the controller issued expired at "
                    + leaf.notValidAfter.formatted(.iso8601))
        }
        guard !leaf.isAuthority else { throw mismatch("the certificate that the controller issued is an authority's") }
        if let usage = try? leaf.extensions.extendedKeyUsage, !usage.contains(.clientAuth), !usage.contains(.any) {
            throw mismatch("the certificate that the controller issued is not for clients")
        }
        for name in (try? leaf.extensions.subjectAlternativeNames) ?? SubjectAlternativeNames([]) {
            guard case .uniformResourceIdentifier(let uri) = name, uri.hasPrefix("spiffe://"),
                let identity = uri.split(separator: "/identity/", maxSplits: 1).dropFirst().first
            else { continue }
            guard identity == jwt.identityID else {
                throw mismatch("the certificate that the controller issued is for another identity")
            }
        }
        // Dates in the future are looked at separately; see the caller.
        guard leaf.notValidBefore <= Date() else { return }
        do {
            try await trust.verifyIssued(leaf: leaf, presented: Array(chain.dropFirst()))
        } catch {
            throw mismatch(error.message)
        }
    }

    private func mismatch(_ message: String) -> EnrollmentError {
        EnrollmentError(
            .certificateMismatch, message,
            hint: "The one-time token is spent. The key is kept: ask for a new JWT, and enroll with the same --key.")
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
