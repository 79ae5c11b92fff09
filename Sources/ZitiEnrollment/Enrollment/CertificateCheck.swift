import FoundationEssentials
import KeyStoreCore
import SwiftASN1
import X509

/// What a certificate must be that a controller issued for an identity.
struct CertificateCheck {
    /// Whom it has to name, if it names an identity; nil where that is not known beforehand.
    let identityID: String?
    let publicKey: PublicKey
    let trust: ControllerTrust

    /// Throws `certificateMismatch` unless the certificate is for our key and identity, for clients, not expired, and leads
    /// to the controller's authorities. One that only becomes valid later passes, with its chain unchecked: that may be the
    /// fault of this machine's clock, and is the caller's to judge.
    func check(_ leaf: Certificate, intermediates: [Certificate], at now: Date = Date()) async throws(EnrollmentError) {
        try Self.requireKey(publicKey, of: leaf)
        guard now <= leaf.notValidAfter else {
            throw Self.mismatch(
                "the certificate that the controller issued expired at " + leaf.notValidAfter.formatted(.iso8601))
        }
        guard !leaf.isAuthority else {
            throw Self.mismatch("the certificate that the controller issued is an authority's")
        }
        if let usage = try? leaf.extensions.extendedKeyUsage, !usage.contains(.clientAuth), !usage.contains(.any) {
            throw Self.mismatch("the certificate that the controller issued is not for clients")
        }
        if let identityID, let named = Self.identity(in: leaf), named != identityID {
            throw Self.mismatch("the certificate that the controller issued is for another identity")
        }
        guard leaf.notValidBefore <= now else { return }
        do {
            try await trust.verifyIssued(leaf: leaf, presented: intermediates)
        } catch {
            throw Self.mismatch(error.message)
        }
    }

    /// Throws `certificateMismatch` for a certificate of another key.
    static func requireKey(_ publicKey: PublicKey, of leaf: Certificate) throws(EnrollmentError) {
        guard let ours = try? Certificate.PublicKey(derEncoded: publicKey.der), leaf.publicKey == ours else {
            throw mismatch("the certificate that the controller issued is for another key")
        }
    }

    /// The identity that the certificate names, as newer controllers have it: `spiffe://TRUST-DOMAIN/identity/ID`.
    static func identity(in leaf: Certificate) -> String? {
        for name in (try? leaf.extensions.subjectAlternativeNames) ?? SubjectAlternativeNames([]) {
            guard case .uniformResourceIdentifier(let uri) = name, uri.hasPrefix("spiffe://"),
                let identity = uri.split(separator: "/identity/", maxSplits: 1).dropFirst().first
            else { continue }
            return String(identity)
        }
        return nil
    }

    private static func mismatch(_ message: String) -> EnrollmentError {
        EnrollmentError(
            .certificateMismatch, message,
            hint: "The one-time token is spent. The key is kept: ask for a new JWT, and enroll with the same --key.")
    }
}
