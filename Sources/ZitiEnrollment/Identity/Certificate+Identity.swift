import Crypto
import SwiftASN1
import X509

extension Certificate {
    /// The identity in the certificate's SPIFFE identifier, `spiffe://TRUST-DOMAIN/identity/ID`; nil where it has none, as
    /// those of older controllers.
    var spiffeIdentity: Substring? {
        for name in (try? extensions.subjectAlternativeNames) ?? SubjectAlternativeNames([]) {
            guard case .uniformResourceIdentifier(let uri) = name, uri.hasPrefix("spiffe://"),
                let identity = uri.split(separator: "/identity/", maxSplits: 1).dropFirst().first
            else { continue }
            return identity
        }
        return nil
    }

    /// The fingerprint by which controllers know a certificate: SHA-1 of its DER in hexadecimal digits.
    var sha1Fingerprint: String {
        get throws(EnrollmentError) { Hexadecimal.encode(Insecure.SHA1.hash(data: try derBytes)) }
    }
}

extension DistinguishedName {
    /// The last common name.
    var commonName: String? {
        for relative in reversed() {
            for attribute in relative where attribute.type == .RDNAttributeType.commonName {
                return String(attribute.value)
            }
        }
        return nil
    }
}
