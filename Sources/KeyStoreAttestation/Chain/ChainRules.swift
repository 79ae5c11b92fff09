import FoundationEssentials
import SwiftASN1
import X509

/// What every chain of attestation must keep to, beyond what RFC 5280 asks for.
///
/// The policies of the library decide as well, and this says in one sentence what is wrong. Stricter than they are: a
/// certificate of version 1 issues nothing; who issues must be allowed to sign certificates where key usages are given; and
/// an attested key issues nothing, whatever its certificate says, or any key on a device could attest to others.
struct ChainRules {
    /// The extensions that these rules and the library's policies look at; another critical one is refused.
    static let handledCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage, .X509ExtensionID.nameConstraints,
    ]

    let now: Date

    /// Why the chain, from the attestation certificate to a root, is refused; nil if it is not.
    func objection(to chain: [Certificate]) -> AttestationError? {
        guard chain.count > 1, let leaf = chain.first else {
            return AttestationError(.issuerNotAllowed, "the attestation certificate is a root itself")
        }
        if case .isCertificateAuthority = try? leaf.extensions.basicConstraints {
            return AttestationError(.issuerNotAllowed, "the attestation certificate is an authority's")
        }
        for certificate in chain {
            if let objection = objectionToDates(of: certificate) { return objection }
            if let unknown = certificate.extensions.first(where: {
                $0.critical && !Self.handledCriticalExtensions.contains($0.oid)
            }) {
                return refused(certificate, "has the critical extension \(unknown.oid), which nobody here checks")
            }
            if certificate.signatureAlgorithm == .sha1WithRSAEncryption, !certificate.signsItself {
                return refused(certificate, "is signed over SHA-1, which anybody can forge")
            }
        }
        // How many certificates may follow does not count those that are issued to the same name (RFC 5280 §4.2.1.9).
        var between = 0
        for issuer in chain.dropFirst() {
            if let objection = objection(toIssuer: issuer, between: between) { return objection }
            if issuer.issuer != issuer.subject { between += 1 }
        }
        return nil
    }

    private func objection(toIssuer issuer: Certificate, between: Int) -> AttestationError? {
        guard issuer.version == .v3 else { return refused(issuer, "is not of version 3, and may issue nothing") }
        guard issuer.extensions[oid: .attestedPolicies] == nil else {
            return refused(issuer, "is an attestation certificate, and may issue nothing")
        }
        guard case .isCertificateAuthority(let maximum) = try? issuer.extensions.basicConstraints else {
            return refused(
                issuer, "is not marked as an authority, and may issue nothing",
                hint:
                    "The certificates of some early devices lack the mark. Their attestations cannot be verified safely."
            )
        }
        if let maximum, between > maximum {
            return refused(issuer, "may have \(maximum) authorities below it, and has \(between)")
        }
        do {
            if let usage = try issuer.extensions.keyUsage, !usage.keyCertSign {
                return refused(issuer, "may not sign certificates")
            }
        } catch {
            return refused(issuer, "has key usages that cannot be read")
        }
        return nil
    }

    private func objectionToDates(of certificate: Certificate) -> AttestationError? {
        if now > certificate.notValidAfter {
            return AttestationError(
                .expired,
                "the certificate '\(certificate.subject)' expired at "
                    + certificate.notValidAfter.formatted(.iso8601))
        }
        if now < certificate.notValidBefore {
            return AttestationError(
                .notYetValid,
                "the certificate '\(certificate.subject)' is not valid before "
                    + certificate.notValidBefore.formatted(.iso8601),
                hint: "Look at this machine's clock.")
        }
        return nil
    }

    private func refused(_ certificate: Certificate, _ reason: String, hint: String = "") -> AttestationError {
        AttestationError(.issuerNotAllowed, "the certificate '\(certificate.subject)' \(reason)", hint: hint)
    }
}

extension ChainRules: VerifierPolicy {
    var verifyingCriticalExtensions: [ASN1ObjectIdentifier] { Self.handledCriticalExtensions }

    mutating func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
        guard let objection = objection(to: Array(chain)) else { return .meetsPolicy }
        return .failsToMeetPolicy(reason: objection.message)
    }
}
