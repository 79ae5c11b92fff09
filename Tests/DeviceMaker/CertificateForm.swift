import FoundationEssentials
import SwiftASN1
public import X509

/// What stands in a certificate beside its key and issuer.
struct CertificateForm {
    var subject: String
    var dates: ClosedRange<Date>
    var extensions: [Certificate.Extension]
    var version = Certificate.Version.v3

    func issued(
        to publicKey: Certificate.PublicKey, by issuer: String, signedWith key: Certificate.PrivateKey
    ) throws -> Certificate {
        try issued(to: publicKey, by: DistinguishedName { CommonName(issuer) }, signedWith: key)
    }

    func issued(
        to publicKey: Certificate.PublicKey, by issuer: DistinguishedName, signedWith key: Certificate.PrivateKey
    ) throws -> Certificate {
        try Certificate(
            version: version, serialNumber: .init(), publicKey: publicKey, notValidBefore: dates.lowerBound,
            notValidAfter: dates.upperBound, issuer: issuer, subject: DistinguishedName { CommonName(subject) },
            extensions: Certificate.Extensions(extensions), issuerPrivateKey: key)
    }
}

extension Certificate.Extension {
    /// The mark of an authority, critical as it should be.
    public static func authority(_ maxPathLength: Int? = nil) throws -> Certificate.Extension {
        try Certificate.Extension(BasicConstraints.isCertificateAuthority(maxPathLength: maxPathLength), critical: true)
    }
}

extension Certificate {
    /// The certificate in DER.
    public var derBytes: [UInt8] {
        get throws {
            var serializer = DER.Serializer()
            try serializer.serialize(self)
            return serializer.serializedBytes
        }
    }
}
