internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// What stands in a controller's list of authorities besides its own.
extension Authority {
    /// Roots of other networks in DER, a thousand bytes each. They share one key, which nobody has.
    static func others(_ count: Int, now: Date) throws -> [[UInt8]] {
        guard count > 0 else { return [] }
        let key = try SigningKey(.p256)
        let padding = GeneralName.uniformResourceIdentifier("spiffe://" + String(repeating: "x", count: 600))
        return try (1...count).map { number in
            let name = try Authority.name("other-ca-\(number)")
            return try CertificateTemplate(
                serial: Authority.serial(), subjectDER: name, publicKeyDER: key.publicKeyDER,
                notBefore: now.addingTimeInterval(-60), notAfter: now.addingTimeInterval(3650 * 86_400),
                extensions: [
                    try .init(KeyUsage(keyCertSign: true, cRLSign: true), critical: true),
                    try .init(BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true),
                    try .init(SubjectAlternativeNames([padding]), critical: false),
                ]
            ).der(issuerDER: name, signedBy: key)
        }
    }
}
