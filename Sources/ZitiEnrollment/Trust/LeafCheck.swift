import struct FoundationEssentials.Date
import X509

/// What is asked of a controller's own certificate at the first contact, while nothing is trusted yet: that it signed the
/// enrollment JWT, that it is for this host, and that it is valid now.
struct LeafCheck: Sendable {
    /// What was found out about a certificate of the controller that signed the JWT.
    struct Verdict: Sendable {
        /// Whether the JWT's `kid` names the certificate (see `EnrollmentJWT.verify`).
        var kidMatches: Bool
        /// Why the certificate is not to be used, where only its dates are to blame: the controller may be asked for the
        /// time, and for nothing else.
        var outdated: EnrollmentError?
    }

    let jwt: EnrollmentJWT
    var now: @Sendable () -> Date = { Date() }

    /// Throws `jwtSignatureInvalid` or `certificateNotTrusted`.
    func check(leaf: Certificate) async throws(EnrollmentError) -> Verdict {
        let kidMatches = try jwt.verify(signer: leaf, der: leaf.derBytes)
        let address = jwt.controller
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
        return Verdict(kidMatches: kidMatches, outdated: outdated(leaf, at: now()))
    }

    private func outdated(_ leaf: Certificate, at now: Date) -> EnrollmentError? {
        guard now < leaf.notValidBefore || leaf.notValidAfter < now else { return nil }
        let expired = leaf.notValidAfter < now
        let date = (expired ? leaf.notValidAfter : leaf.notValidBefore).formatted(.iso8601)
        return EnrollmentError(
            .certificateNotTrusted,
            "the certificate that \(jwt.controller) presents \(expired ? "expired at" : "is not valid before") \(date)",
            hint: "Check this machine's clock, or ask the controller's administrator.")
    }
}
