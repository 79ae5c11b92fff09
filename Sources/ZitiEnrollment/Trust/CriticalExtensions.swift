import SwiftASN1
import X509

/// Says which critical extensions may stand in certificates, beyond those that other policies look at: key usages, which no
/// library polices and which real controllers mark critical; and certificate policies. Those limit nothing where no policy is
/// asked for (RFC 5280 §6.1.1), unless a certificate demands one: policyConstraints, which are not understood here.
struct CriticalExtensions: VerifierPolicy {
    private static let certificatePolicies: ASN1ObjectIdentifier = [2, 5, 29, 32]
    private static let policyMappings: ASN1ObjectIdentifier = [2, 5, 29, 33]
    private static let inhibitAnyPolicy: ASN1ObjectIdentifier = [2, 5, 29, 54]

    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.keyUsage, .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.basicConstraints,
        .X509ExtensionID.subjectAlternativeName, Self.certificatePolicies, Self.policyMappings,
        Self.inhibitAnyPolicy,
    ]

    mutating func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
        .meetsPolicy
    }
}
