import struct FoundationEssentials.Date
import X509

/// What is asked of a controller's own certificate at the first contact, while nothing is trusted yet: that it signed the
/// enrollment JWT, that it is for this host, and that it is valid now.
struct LeafCheck: Sendable {
    let jwt: EnrollmentJWT

    /// Answers whether the JWT's `kid` names the certificate (see `EnrollmentJWT.verify`). Throws `jwtSignatureInvalid` or
    /// `certificateNotTrusted`.
    func check(leaf: Certificate, at now: Date = Date()) async throws(EnrollmentError) -> Bool {
        let kidMatches = try jwt.verify(signer: leaf, der: leaf.derBytes)
        let address = jwt.controller
        guard leaf.notValidBefore <= now, now <= leaf.notValidAfter else {
            let expired = leaf.notValidAfter < now
            let date = (expired ? leaf.notValidAfter : leaf.notValidBefore).formatted(.iso8601)
            throw EnrollmentError(
                .certificateNotTrusted,
                "the certificate that \(address) presents \(expired ? "expired at" : "is not valid before") \(date)",
                hint: "Check this machine's clock, or ask the controller's administrator.")
        }
        // The certificate stands for itself here; where it leads to is checked once the authorities are known.
        var verifier = Verifier(rootCertificates: CertificateStore([leaf])) {
            CriticalExtensions()
            ServerIdentityPolicy(
                serverHostname: address.isIPAddress ? nil : address.host,
                serverIP: address.isIPAddress ? address.host : nil)
        }
        guard case .validCertificate = await verifier.validate(leaf: leaf, intermediates: CertificateStore()) else {
            throw EnrollmentError(
                .certificateNotTrusted, "the certificate that \(address) presents is not for the host \(address.host)",
                hint: "Ask the controller's administrator: the certificate must name the host that the JWT names.")
        }
        return kidMatches
    }
}
